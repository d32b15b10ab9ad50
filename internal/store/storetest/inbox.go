package storetest

import (
	"fmt"
	"sync"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// arrival makes what a source sends: an event for each trigger.
func arrival(id string, triggers ...store.TriggerID) store.Arrival {
	a := store.Arrival{Project: project, ID: id}
	for _, trigger := range triggers {
		a.Events = append(a.Events, store.Event{Trigger: trigger, Payload: fmt.Sprintf(`{"%s":%d}`, id, trigger)})
	}
	return a
}

// accepted accepts arrivals, and fails the test unless these are fresh.
func (f *fixture) accepted(at journal.Millis, arrivals []store.Arrival, want ...bool) {
	f.Helper()
	fresh, err := f.store.Accept(f.Context(), arrivals, at, at+100)
	f.no(err)
	if fmt.Sprint(fresh) != fmt.Sprint(want) {
		f.Errorf("fresh are %v, want %v", fresh, want)
	}
}

// events fails the test unless a trigger has these events behind a number.
func (f *fixture) events(trigger store.TriggerID, after store.EventNumber, limit int, want ...store.Event) {
	f.Helper()
	events, err := f.store.Events(f.Context(), trigger, after, limit)
	f.no(err)
	if fmt.Sprint(events) != fmt.Sprint(want) {
		f.Errorf("events\n got %v\nwant %v", events, want)
	}
}

func testAccept(f *fixture) {
	one, two := f.trigger("one", "topic").ID, f.trigger("two", "topic").ID
	f.accepted(10, []store.Arrival{arrival("a", one, two), arrival("b", one), arrival("a", one), arrival("none")},
		true, true, false, true)
	f.accepted(20, []store.Arrival{arrival("b", one), arrival("c", one)}, false, true)

	of := func(number store.EventNumber, trigger store.TriggerID, id string, at journal.Millis) store.Event {
		return store.Event{Number: number, Trigger: trigger, Payload: fmt.Sprintf(`{"%s":%d}`, id, trigger), AcceptedAt: at}
	}
	f.events(one, 0, 10, of(1, one, "a", 10), of(3, one, "b", 10), of(4, one, "c", 20))
	f.events(one, 0, 2, of(1, one, "a", 10), of(3, one, "b", 10))
	f.events(one, 3, 10, of(4, one, "c", 20))
	f.events(two, 0, 10, of(2, two, "a", 10))
	f.reopen()
	f.events(two, 0, 10, of(2, two, "a", 10))

	// Numbers are not given again, also when nothing is left.
	f.no(f.store.Discard(f.Context(), one, 3))
	f.events(one, 0, 10, of(4, one, "c", 20))
	f.no(f.store.Discard(f.Context(), one, 4))
	f.no(f.store.Discard(f.Context(), two, 4))
	f.accepted(30, []store.Arrival{arrival("d", two)}, true)
	f.events(one, 0, 10)
	f.events(two, 0, 10, of(5, two, "d", 30))
}

func testAcceptNames(f *fixture) {
	trigger := f.trigger("one", "topic").ID
	a, nameless := arrival("a", trigger), arrival("", trigger)
	elsewhere := a
	elsewhere.Project = "another"
	f.accepted(10, []store.Arrival{a, elsewhere, nameless, nameless}, true, true, true, true)
	f.accepted(109, []store.Arrival{a}, false)
	f.accepted(110, []store.Arrival{a}, true) // it has expired, and has not been removed
	f.accepted(111, []store.Arrival{a}, false)
}

func testAcceptRace(f *fixture) {
	trigger := f.trigger("one", "topic").ID
	const writers, arrivals = 4, 20
	fresh := make([]int, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range arrivals {
				got, err := f.store.Accept(f.Context(), []store.Arrival{arrival(fmt.Sprint(i), trigger)}, 1, 100)
				if err != nil {
					f.Error(err)
				} else if got[0] {
					fresh[w]++
				}
			}
		})
	}
	wg.Wait()
	events, err := f.store.Events(f.Context(), trigger, 0, 1000)
	f.no(err)
	if total := fresh[0] + fresh[1] + fresh[2] + fresh[3]; total != arrivals || len(events) != arrivals {
		f.Errorf("%d arrivals were fresh, and there are %d events, want %d", total, len(events), arrivals)
	}
	for i, e := range events {
		if e.Number != store.EventNumber(i+1) {
			f.Errorf("event %d has number %d", i+1, e.Number)
		}
	}
}

func testBacklogs(f *fixture) {
	one, two := f.trigger("one", "topic"), f.trigger("two", "topic")
	gone := f.trigger("gone", "topic")
	if oldest, err := f.store.OldestEvent(f.Context()); err != nil || oldest != 0 {
		f.Errorf("the oldest event of none is %d, %v", oldest, err)
	}
	f.accepted(10, []store.Arrival{arrival("a", two.ID, gone.ID)}, true)
	f.accepted(5, []store.Arrival{arrival("b", two.ID, one.ID)}, true)
	f.no(f.store.DeleteTrigger(f.Context(), gone.ID))

	bytes := int64(len(arrival("a", two.ID).Events[0].Payload))
	want := fmt.Sprint([]store.Backlog{{Trigger: one, Events: 1, Bytes: bytes}, {Trigger: two, Events: 2, Bytes: 2 * bytes}})
	got, err := f.store.Backlogs(f.Context())
	if err != nil || fmt.Sprint(got) != want {
		f.Errorf("backlogs\n got %v, %v\nwant %s", got, err, want)
	}
	if oldest, err := f.store.OldestEvent(f.Context()); err != nil || oldest != 5 {
		f.Errorf("the oldest event is of %d, %v", oldest, err)
	}
}

func testPurgeInbox(f *fixture) {
	one, gone := f.trigger("one", "topic").ID, f.trigger("gone", "topic").ID
	f.accepted(10, []store.Arrival{arrival("a", one, gone), arrival("b", gone), arrival("c", gone)}, true, true, true)
	f.accepted(20, []store.Arrival{arrival("d", one)}, true)
	f.no(f.store.DeleteTrigger(f.Context(), gone))
	steps := 0
	for more := true; more && steps < 10; steps++ {
		var err error
		more, err = f.store.Purge(f.Context(), 110, 2)
		f.no(err)
	}
	if steps > 3 {
		f.Errorf("purging two at a time took %d steps", steps)
	}
	f.events(gone, 0, 10)
	if events, err := f.store.Events(f.Context(), one, 0, 10); err != nil || len(events) != 2 {
		f.Errorf("a trigger that is there has %v, %v", events, err)
	}
	f.accepted(115, []store.Arrival{arrival("d", one), arrival("a", one)}, false, true)
}
