package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heddle/internal/client"
)

// dueFigures are what it does to starts that very many executions are due in
// the same second.
type dueFigures struct {
	Executions int       `json:"executions"`
	Took       float64   `json:"took_seconds"` // from the moment at which they were due until all had ended
	Before     quantiles `json:"start_before"` // of the start call of the pass graph, while they wait
	During     quantiles `json:"start_during"` // while they are worked off
	Rate       float64   `json:"starts_per_second_before"`
	DuringRate float64   `json:"starts_per_second_during"`
}

const (
	dueClients = 16                     // that start other executions
	dueSlice   = 250 * time.Millisecond // after which it is looked whether all have ended
	dueMax     = time.Minute            // for them to end
)

// measureDue has executions wait until the same moment, and starts others before
// and after it.
func (b *bench) measureDue(ctx context.Context, r *results) error {
	n := b.plan.due
	// To start them all takes a while, for which there must be time enough.
	inAdvance := 10*time.Second + time.Duration(n/4000)*time.Second
	crowd := dueCrowd{latest: map[int]string{}, started: map[int]int64{}}
	graphs := []graph{pass}
	for seconds := 1; seconds <= int(inAdvance.Seconds()); seconds++ {
		graphs = append(graphs, waitFor(seconds))
	}
	s, err := b.newServer(ctx, setup{}, graphs...)
	if err != nil {
		return err
	}
	defer s.remove()
	crowd.at = time.Now().Add(inAdvance)
	b.progress("  %d executions begin to wait", n)
	fill := load{clients: fillClients, duration: inAdvance, calls: int64(n)}
	if _, err := fill.drive(ctx, func(i int) (caller, error) { return crowd.newCaller(s, i) }); err != nil {
		return fmt.Errorf("%w\n%s", err, s.log())
	}
	before, err := s.load(ctx, pass, load{clients: dueClients, duration: b.plan.duration})
	if err != nil {
		return err
	}
	if late := time.Since(crowd.at); late > 0 {
		return fmt.Errorf("they were due %s before all had begun to wait", late)
	}
	select {
	case <-time.After(time.Until(crowd.at)):
	case <-ctx.Done():
		return ctx.Err()
	}
	b.progress("  they are due")
	during, took, err := crowd.workedOff(ctx, s)
	if err != nil {
		return err
	}
	r.Due = &dueFigures{
		Executions: n, Took: took.Seconds(),
		Before: quantilesOf(before.answers), Rate: float64(before.calls) / before.elapsed.Seconds(),
		During: quantilesOf(during.answers), DuringRate: float64(during.calls) / during.elapsed.Seconds(),
	}
	return crowd.verify(ctx, s)
}

// waitFor is a graph that waits for some seconds.
func waitFor(seconds int) graph {
	return graph{
		Name: fmt.Sprintf("wait-%d", seconds),
		definition: fmt.Sprintf(`{"states":{"wait":{"type":"DELAY","start":true,"time-delay":%d,"next-state":"end"},`+
			`"end":{"type":"END"}}}`, seconds),
	}
}

// dueCrowd is executions that are due at the same moment. A DELAY is a number of
// seconds, so each second in which one is started has a graph of its own.
type dueCrowd struct {
	at time.Time

	mu      sync.Mutex
	latest  map[int]string // the URN of the latest execution, by the seconds for which it waits; guarded by mu
	started map[int]int64  // how many there are; guarded by mu
}

// dueCaller is a client that starts executions of a crowd.
type dueCaller struct {
	*dueCrowd
	starters map[int]*starter // by the seconds for which their executions wait
}

func (c *dueCrowd) newCaller(s *server, index int) (caller, error) {
	d := dueCaller{c, map[int]*starter{}}
	for seconds := 1; seconds <= int(time.Until(c.at).Seconds())+1; seconds++ {
		var err error
		if d.starters[seconds], err = newStarter(s, waitFor(seconds), index); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d dueCaller) call(ctx context.Context, number int64) (sample, error) {
	seconds := max(1, int(time.Until(d.at).Round(time.Second).Seconds()))
	starter := d.starters[seconds]
	if starter == nil {
		return sample{}, fmt.Errorf("there is no graph that waits for %d seconds", seconds)
	}
	taken, err := starter.call(ctx, number)
	if err != nil {
		return taken, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.latest[seconds] = starter.latest
	d.started[seconds]++
	return taken, nil
}

func (d dueCaller) settle(context.Context) error { return nil }

// workedOff starts others until those that are due have ended.
func (c *dueCrowd) workedOff(ctx context.Context, s *server) (total tally, took time.Duration, err error) {
	for {
		slice, err := s.load(ctx, pass, load{clients: dueClients, duration: dueSlice})
		if err != nil {
			return total, 0, err
		}
		total = sum([]tally{total, slice}, total.elapsed+slice.elapsed)
		took = time.Since(c.at)
		ended, err := c.ended(ctx, s)
		if err != nil || ended {
			return total, took, err
		}
		if took > dueMax {
			return total, 0, fmt.Errorf("they did not end within %s", dueMax)
		}
	}
}

// ended reports whether the latest execution of each graph has ended: the store
// gives those that are due in the order of their time.
func (c *dueCrowd) ended(ctx context.Context, s *server) (bool, error) {
	for _, urn := range c.latest {
		x, err := s.api.Execution(ctx, urn)
		if err != nil || x.Status == client.StatusRunning {
			return false, err
		}
	}
	return true, nil
}

// verify looks all of them up.
func (c *dueCrowd) verify(ctx context.Context, s *server) error {
	for seconds, started := range c.started {
		g := waitFor(seconds)
		s.started[g.Name] = started
		missing, err := s.verify(ctx, g, client.StatusSuccess)
		if err == nil && missing > 0 {
			err = fmt.Errorf("%d executions of %s have not ended", missing, g.Name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
