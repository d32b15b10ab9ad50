package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// arrivals is an open loop: starts arrive at a constant rate, whatever becomes
// of those before them. Each is timed from the moment at which it was to be
// sent, so that a server which holds the clients up does not hide it.
type arrivals struct {
	clients  []*thin // a start waits for one that is free
	rate     float64 // in a second
	duration time.Duration
}

// arrivalGrace is how long after their time starts are still sent that wait for a
// free client. The others never are: on a machine that cannot even refuse them
// all, there would be no end to it.
const arrivalGrace = time.Second

// arrivalTick is how often starts are released. Within it they come in a bunch.
const arrivalTick = time.Millisecond

// reception is what became of starts that arrived.
type reception struct {
	accepted, refused []time.Duration // how long their answers took
	at                []time.Duration // of the accepted ones: when they were to be sent
	unsent            int             // starts that found no free client
	elapsed           time.Duration
}

func (r reception) goodput() float64 { return float64(len(r.accepted)) / r.elapsed.Seconds() }

// drive lets starts arrive. It returns the first error of any client.
func (a arrivals) drive(ctx context.Context) (reception, error) {
	began := time.Now()
	// What waits for a free client is part of the open loop, so there is room
	// for all that could ever wait.
	due := make(chan time.Duration, int(a.rate*a.duration.Seconds())+1)
	receptions := make([]reception, len(a.clients))
	errs := make([]error, len(a.clients))
	var group sync.WaitGroup
	for i, c := range a.clients {
		c.within(a.duration + patience)
		group.Go(func() { receptions[i], errs[i] = receive(c, i, began, due, a.duration+arrivalGrace) })
	}
	a.release(ctx, began, due)
	close(due)
	group.Wait()
	total := reception{elapsed: time.Since(began)}
	for _, r := range receptions {
		total.accepted = append(total.accepted, r.accepted...)
		total.refused = append(total.refused, r.refused...)
		total.at = append(total.at, r.at...)
		total.unsent += r.unsent
	}
	return total, errors.Join(firstCause(errs), ctx.Err())
}

// release lets starts arrive, each at its moment.
func (a arrivals) release(ctx context.Context, began time.Time, due chan<- time.Duration) {
	tick := time.NewTicker(arrivalTick)
	defer tick.Stop()
	interval := time.Duration(float64(time.Second) / a.rate)
	for at := time.Duration(0); at < a.duration && ctx.Err() == nil; {
		<-tick.C
		for now := time.Since(began); at <= now && at < a.duration; at += interval {
			due <- at
		}
	}
}

// receive makes one start after another until a time, and notes what became of
// each.
func receive(c *thin, index int, began time.Time, due <-chan time.Duration, until time.Duration) (r reception, err error) {
	for at := range due {
		if time.Since(began) > until {
			r.unsent++
			continue
		}
		verdict, fault := c.start(index, numbers.Add(1))
		took := time.Since(began) - at
		switch {
		case fault != nil && err == nil:
			err = fault // the rest is read from due all the same
		case fault != nil:
		case verdict == accepted:
			r.accepted, r.at = append(r.accepted, took), append(r.at, at)
		default:
			r.refused = append(r.refused, took)
		}
	}
	return r, err
}

// thinCaller lets a thin client take part in a closed loop.
type thinCaller struct {
	*thin
	index int
}

func (c thinCaller) call(_ context.Context, number int64) (sample, error) {
	began := time.Now()
	verdict, err := c.start(c.index, number)
	if err == nil && verdict != accepted {
		err = errors.New("a start was refused although the loop is closed")
	}
	return sample{answer: time.Since(began)}, err
}

func (thinCaller) settle(context.Context) error { return nil }
