package intake

import (
	"context"
	"fmt"
	"time"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// nameLifetime is how long an arrival that is sent again counts as the same.
const nameLifetime = 24 * time.Hour

// groupMax bounds the arrivals that are accepted in one transaction, and those
// that wait for the next.
const groupMax = 256

// Arrival is what a source has sent.
type Arrival struct {
	Project string
	ID      string // is the same when it is sent again, and that of nothing else in the project; "" if there is none
	Events  []Event
}

// Event is an event of one trigger that an arrival fires.
type Event struct {
	Trigger store.Trigger
	Payload string // JSON text
}

func (a Arrival) load() (l load) {
	for _, e := range a.Events {
		l = l.plus(e.load())
	}
	return l
}

func (e Event) load() load { return load{1, int64(len(e.Payload))} }

// stored returns the arrival as the store takes it.
func (a Arrival) stored() store.Arrival {
	row := store.Arrival{Project: a.Project, ID: a.ID}
	for _, e := range a.Events {
		row.Events = append(row.Events, store.Event{Trigger: e.Trigger.ID, Payload: e.Payload})
	}
	return row
}

// pending is an arrival on its way to the disk.
type pending struct {
	arrival Arrival
	fresh   bool // set before done is closed, as err
	err     error
	done    chan struct{}
}

// Accept takes in what a source has sent, and returns when it is on the disk. It
// reports whether it is fresh: what has been accepted before under the same ID
// has no further effect.
//
// Nothing has happened if it returns store.ErrFull, engine.ErrOverloaded,
// engine.ErrDraining or store.ErrUnavailable. If ctx ends first, it returns
// store.ErrOutcomeUnknown, and the arrival may be accepted.
func (v *Events) Accept(ctx context.Context, a Arrival) (fresh bool, err error) {
	p := &pending{arrival: a, done: make(chan struct{})}
	if err := v.queue(p); err != nil {
		return false, err
	}
	select {
	case <-p.done:
		return p.fresh, p.err
	case <-ctx.Done():
		return false, fmt.Errorf("accept event: %w: %w", store.ErrOutcomeUnknown, ctx.Err())
	}
}

// queue lets an arrival wait for the next group, if there is room for it.
func (v *Events) queue(p *pending) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.open {
		return engine.ErrDraining
	}
	more := p.arrival.load()
	all := v.queued.plus(v.stored).plus(more)
	if more.events > 0 && (all.events > v.cfg.EventsMax || all.bytes > v.cfg.BytesMax) {
		return fmt.Errorf("%d events wait to be handed on: %w", v.queued.plus(v.stored).events, store.ErrFull)
	}
	select {
	case v.arrivals <- p:
		v.queued = v.queued.plus(more)
		return nil
	default:
		return engine.ErrOverloaded
	}
}

// unqueue ends the wait of an arrival.
func (v *Events) unqueue(p *pending) {
	v.mu.Lock()
	v.queued = v.queued.minus(p.arrival.load())
	v.mu.Unlock()
	close(p.done)
}

// lookEvery is how often the inbox is looked through in any case: a node that was
// taken for dead may have left something there.
const lookEvery = 5 * time.Minute

// accept accepts what is queued, in groups, until ctx ends: while one
// transaction waits for the disk, the next group gathers.
func (v *Events) accept(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case p := <-v.arrivals:
			v.acceptGroup(ctx, v.gather(p))
		case <-look.C:
			v.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look sets the lanes to work of all triggers that have events.
func (v *Events) look(ctx context.Context) {
	backlogs, err := v.store.Backlogs(ctx)
	if err != nil && ctx.Err() == nil {
		v.log.Error("look for events that are left", "error", err)
	}
	for _, b := range backlogs {
		v.kick(ctx, b.Trigger, load{})
	}
}

func (v *Events) gather(first *pending) []*pending {
	group := []*pending{first}
	for len(group) < groupMax {
		select {
		case p := <-v.arrivals:
			group = append(group, p)
		default:
			return group
		}
	}
	return group
}

// acceptGroup stores a group, and sets the lanes of its triggers to work before
// it says so.
func (v *Events) acceptGroup(ctx context.Context, group []*pending) {
	arrivals := make([]store.Arrival, len(group))
	for n, p := range group {
		arrivals[n] = p.arrival.stored()
	}
	at := journal.Millis(time.Now().UnixMilli())
	// What has begun is not cut off: its outcome would be unknown for no reason.
	fresh, err := v.store.Accept(context.WithoutCancel(ctx), arrivals, at, at+journal.Millis(nameLifetime.Milliseconds()))
	for n, p := range group {
		p.err = err
		if err == nil {
			p.fresh = fresh[n]
		}
		for _, e := range p.arrival.Events {
			switch {
			case p.fresh:
				v.kick(ctx, e.Trigger, e.load())
			case err != nil: // they may be there, whatever it says
				v.kick(ctx, e.Trigger, load{})
			}
		}
		v.unqueue(p)
	}
}

// refuseQueued refuses what has not been accepted when the intake closes.
func (v *Events) refuseQueued() {
	for {
		select {
		case p := <-v.arrivals:
			p.err = engine.ErrDraining
			v.unqueue(p)
		default:
			return
		}
	}
}
