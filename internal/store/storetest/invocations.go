package storetest

import (
	"encoding/binary"
	"fmt"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// invocationID makes ids that grow with n.
func invocationID(n int) (id store.InvocationID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// invocation makes one that waits, made and due at a time.
func invocation(function store.FunctionID, n int, at journal.Millis) store.Invocation {
	return store.Invocation{
		ID: invocationID(n), Function: function, Qualifier: "!prod", Event: fmt.Sprintf(`{"n":%d}`, n),
		Status: store.InvocationWaiting, CreatedAt: at, Due: at,
	}
}

// invoke stores invocations that wait.
func (f *fixture) invoke(all ...store.Invocation) {
	f.Helper()
	for _, inv := range all {
		f.no(f.store.AddInvocation(f.Context(), inv, 100))
	}
}

// claim fails the test unless a node is given just these invocations, in order.
func (f *fixture) claim(node string, now, until journal.Millis, limit int, want ...int) []store.Claimed {
	f.Helper()
	claimed, err := f.store.ClaimInvocations(f.Context(), store.Claim{Node: node, Now: now, Until: until, Limit: limit})
	f.no(err)
	var got []int
	for _, c := range claimed {
		got = append(got, int(binary.BigEndian.Uint64(c.ID[8:])))
		if c.Status != store.InvocationRunning || c.Due != until {
			f.Errorf("claimed %+v, want it running until %d", c, until)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		f.Errorf("claimed %v, want %v", got, want)
	}
	return claimed
}

// nextInvocation fails the test unless the next invocation is due at a time; 0 is never.
func (f *fixture) nextInvocation(want journal.Millis) {
	f.Helper()
	due, ok, err := f.store.NextInvocation(f.Context(), nil)
	f.no(err)
	if due != want || ok != (want != 0) {
		f.Errorf("next at %d, %v; want %d", due, ok, want)
	}
}

// invocations returns what is listed of a function's invocations.
func (f *fixture) invocations(filter store.InvocationFilter, page store.Page) ([]store.Invocation, int64) {
	f.Helper()
	all, n, err := f.store.ListInvocations(f.Context(), filter, page)
	f.no(err)
	return all, n
}

func testClaim(f *fixture) {
	fn := f.function("resize", "")
	f.nextInvocation(0)
	f.claim("node", 1000, 2000, 10)
	f.invoke(invocation(fn.ID, 1, 300), invocation(fn.ID, 2, 100), invocation(fn.ID, 3, 200), invocation(fn.ID, 4, 900))
	f.nextInvocation(100)
	first := f.claim("node", 500, 2000, 2, 2, 3)
	want := invocation(fn.ID, 2, 100)
	want.Status, want.Due, want.Attempt = store.InvocationRunning, 2000, 1
	same(f, first[0], store.Claimed{Invocation: want, Name: fn.FunctionName})
	f.nextInvocation(300)
	f.claim("another", 500, 2100, 10, 1)
	f.claim("another", 500, 2100, 10)
	f.nextInvocation(900)

	// A claim that is over is anybody's, under a new attempt.
	f.claim("another", 899, 3000, 10)
	again := f.claim("another", 2000, 3000, 10, 4, 2, 3)
	if again[0].Attempt != 1 || again[1].Attempt != 2 {
		f.Errorf("attempts %d and %d, want 1 and 2", again[0].Attempt, again[1].Attempt)
	}
}

func testClaimExcept(f *fixture) {
	fn, other := f.function("resize", ""), f.function("other", "")
	f.invoke(invocation(fn.ID, 1, 10), invocation(other.ID, 2, 20), invocation(fn.ID, 3, 30))
	for _, c := range []struct {
		except []store.FunctionID
		next   journal.Millis
	}{
		{nil, 10},
		{[]store.FunctionID{fn.ID}, 20},
		{[]store.FunctionID{other.ID, fn.ID}, 0},
	} {
		due, ok, err := f.store.NextInvocation(f.Context(), c.except)
		f.no(err)
		if due != c.next || ok != (c.next != 0) {
			f.Errorf("except %v: next at %d, %v; want %d", c.except, due, ok, c.next)
		}
	}
	claimed, err := f.store.ClaimInvocations(f.Context(), store.Claim{Node: "node", Now: 100, Until: 200, Limit: 10, Except: []store.FunctionID{fn.ID}})
	f.no(err)
	if len(claimed) != 1 || claimed[0].ID != invocationID(2) {
		f.Errorf("claimed %+v", claimed)
	}
}

func testWaitingInvocations(f *fixture) {
	fn, other := f.function("resize", ""), f.function("other", "")
	f.invoke(invocation(fn.ID, 1, 1), invocation(fn.ID, 2, 1))
	f.want(f.store.AddInvocation(f.Context(), invocation(fn.ID, 3, 1), 2), store.ErrFull)
	f.no(f.store.AddInvocation(f.Context(), invocation(other.ID, 4, 1), 2))
	f.claim("node", 1, 100, 1, 1)
	f.no(f.store.AddInvocation(f.Context(), invocation(fn.ID, 3, 1), 2))
	f.want(f.store.AddInvocation(f.Context(), invocation(other.ID+1, 5, 1), 2), store.ErrNotFound)
}

func testKeepAndRelease(f *fixture) {
	fn := f.function("resize", "")
	f.invoke(invocation(fn.ID, 1, 1), invocation(fn.ID, 2, 2), invocation(fn.ID, 3, 3), invocation(fn.ID, 4, 4))
	f.claim("node", 3, 100, 10, 1, 2, 3)
	f.claim("another", 4, 110, 10, 4)
	f.no(f.store.KeepInvocations(f.Context(), "node", []store.InvocationID{invocationID(1), invocationID(2), invocationID(4)}, 200))
	f.claim("another", 150, 300, 10, 3, 4)
	if n, err := f.store.ReleaseInvocations(f.Context(), "node", 160); err != nil || n != 2 {
		f.Errorf("released %d, %v", n, err)
	}
	all, _ := f.invocations(store.InvocationFilter{Function: fn.ID, Statuses: []store.InvocationStatus{store.InvocationWaiting}}, store.Page{Limit: 10})
	if len(all) != 2 || all[0].Due != 160 {
		f.Errorf("waiting are %+v", all)
	}
	f.claim("another", 160, 400, 10, 1, 2)
}

func testSettle(f *fixture) {
	fn := f.function("resize", "")
	f.invoke(invocation(fn.ID, 1, 1), invocation(fn.ID, 2, 2), invocation(fn.ID, 3, 3))
	f.claim("node", 3, 50, 10, 1, 2, 3)
	f.claim("another", 60, 500, 1, 1) // the node was silent for too long
	f.no(f.store.SettleInvocations(f.Context(), nil))
	f.no(f.store.SettleInvocations(f.Context(), []store.Settlement{
		{ID: invocationID(1), Attempt: 1, Status: store.InvocationFailed, EndedAt: 70},
		{ID: invocationID(2), Attempt: 1, Status: store.InvocationSucceeded, EndedAt: 71},
		{ID: invocationID(3), Attempt: 1, Status: store.InvocationWaiting, Due: 90, Failures: 1, ErrorCode: 500, Error: "it broke"},
		{ID: invocationID(4), Attempt: 1, Status: store.InvocationFailed, EndedAt: 70},
	}))
	all, n := f.invocations(store.InvocationFilter{Function: fn.ID}, store.Page{Limit: 10})
	if n != 3 || len(all) != 3 {
		f.Fatalf("listed %d of %d", len(all), n)
	}
	for i, want := range []store.Invocation{
		{Status: store.InvocationWaiting, Due: 90, Attempt: 1, Failures: 1, ErrorCode: 500, Error: "it broke"},
		{Status: store.InvocationSucceeded, Attempt: 1, EndedAt: 71},
		{Status: store.InvocationRunning, Due: 500, Attempt: 2},
	} {
		made := invocation(fn.ID, 3-i, journal.Millis(3-i))
		want.ID, want.Function, want.Qualifier, want.CreatedAt = made.ID, fn.ID, made.Qualifier, made.CreatedAt
		same(f, all[i], want)
	}
	f.nextInvocation(90)
	retried := f.claim("node", 90, 600, 10, 3)
	if retried[0].Event != `{"n":3}` || retried[0].Failures != 1 || retried[0].Attempt != 2 {
		f.Errorf("claimed again %+v", retried[0])
	}
	// What is over stays as it is.
	f.no(f.store.SettleInvocations(f.Context(), []store.Settlement{{ID: invocationID(2), Attempt: 1, Status: store.InvocationFailed, EndedAt: 99}}))
	all, _ = f.invocations(store.InvocationFilter{Function: fn.ID, Statuses: []store.InvocationStatus{store.InvocationFailed}}, store.Page{Limit: 10})
	if len(all) != 0 {
		f.Errorf("failed are %+v", all)
	}
}

func testListInvocations(f *fixture) {
	fn, other := f.function("resize", ""), f.function("other", "")
	for n := range 6 {
		f.invoke(invocation(fn.ID, n+1, journal.Millis(100*n)))
	}
	f.invoke(invocation(other.ID, 7, 1))
	f.claim("node", 100, 1000, 10, 1, 7, 2)
	third := invocationID(3)
	for _, c := range []struct {
		filter store.InvocationFilter
		page   store.Page
		count  int64
		want   []int
	}{
		{store.InvocationFilter{}, store.Page{Limit: 10}, 6, []int{6, 5, 4, 3, 2, 1}},
		{store.InvocationFilter{}, store.Page{Limit: 2, Offset: 3}, 6, []int{3, 2}},
		{store.InvocationFilter{From: 100, To: 300}, store.Page{Limit: 10}, 3, []int{4, 3, 2}},
		{store.InvocationFilter{ID: &third}, store.Page{Limit: 10}, 1, []int{3}},
		{store.InvocationFilter{ID: &third, From: 201}, store.Page{Limit: 10}, 0, nil},
		{store.InvocationFilter{Statuses: []store.InvocationStatus{store.InvocationRunning}}, store.Page{Limit: 10}, 2, []int{2, 1}},
		{store.InvocationFilter{Statuses: []store.InvocationStatus{store.InvocationRunning, store.InvocationWaiting}}, store.Page{Limit: 1}, 6, []int{6}},
		{store.InvocationFilter{Statuses: []store.InvocationStatus{store.InvocationDiscarded}}, store.Page{Limit: 10}, 0, nil},
	} {
		c.filter.Function = fn.ID
		all, n := f.invocations(c.filter, c.page)
		var got []int
		for _, inv := range all {
			got = append(got, int(binary.BigEndian.Uint64(inv.ID[8:])))
			if inv.Event != "" {
				f.Errorf("listed with its event: %+v", inv)
			}
		}
		if n != c.count || fmt.Sprint(got) != fmt.Sprint(c.want) {
			f.Errorf("%+v %+v: got %d and %v, want %d and %v", c.filter, c.page, n, got, c.count, c.want)
		}
	}
}

func testExpireInvocations(f *fixture) {
	fn, gone := f.function("resize", ""), f.function("gone", "")
	f.invoke(invocation(fn.ID, 1, 1), invocation(fn.ID, 2, 2), invocation(fn.ID, 3, 3), invocation(gone.ID, 4, 1), invocation(gone.ID, 5, 1))
	f.claim("node", 2, 50, 10, 1, 4, 5, 2)
	f.no(f.store.SettleInvocations(f.Context(), []store.Settlement{
		{ID: invocationID(1), Attempt: 1, Status: store.InvocationSucceeded, EndedAt: 10},
		{ID: invocationID(2), Attempt: 1, Status: store.InvocationSucceeded, EndedAt: 20},
	}))
	f.no(f.store.DeleteFunction(f.Context(), gone.ID))
	f.claim("node", 60, 100, 10, 3)
	for steps := 0; ; steps++ {
		more, err := f.store.ExpireInvocations(f.Context(), 20, 1)
		f.no(err)
		if !more {
			break
		}
		if steps == 10 {
			f.Fatal("there is no end to it")
		}
	}
	if _, n := f.invocations(store.InvocationFilter{Function: fn.ID}, store.Page{Limit: 10}); n != 2 {
		f.Errorf("%d are left of the function, want 2", n)
	}
	if _, n := f.invocations(store.InvocationFilter{Function: gone.ID}, store.Page{Limit: 10}); n != 0 {
		f.Errorf("%d are left of the deleted function", n)
	}
}

func testInvocationsSurvive(f *fixture) {
	fn := f.function("resize", "")
	f.invoke(invocation(fn.ID, 1, 1), invocation(fn.ID, 2, 2))
	f.claim("node", 1, 100, 10, 1)
	f.reopen()
	if n, err := f.store.ReleaseInvocations(f.Context(), "node", 5); err != nil || n != 1 {
		f.Errorf("released %d, %v", n, err)
	}
	again := f.claim("node", 5, 100, 10, 2, 1)
	if again[1].Event != `{"n":1}` || again[1].Attempt != 2 {
		f.Errorf("claimed again %+v", again[1])
	}
}
