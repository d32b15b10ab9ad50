package queue

import (
	"context"

	"heddle/internal/store"
)

// settle stores what becomes of attempts: while some are being stored, the next
// gather. It returns when ctx has ended, which it does after all attempts have,
// and nothing is left to store.
func (q *Queue) settle(ctx context.Context) {
	for {
		select {
		case first := <-q.settled:
			q.note(ctx, q.gather(first))
			continue
		case <-ctx.Done():
		}
		select {
		case first := <-q.settled:
			q.note(ctx, q.gather(first))
		default:
			return
		}
	}
}

// gather returns what there is to settle, beginning with the first.
func (q *Queue) gather(first settlement) []settlement {
	all := []settlement{first}
	for len(all) < q.cfg.RunningMax {
		select {
		case next := <-q.settled:
			all = append(all, next)
		default:
			return all
		}
	}
	return all
}

// note stores settlements, and gives their places up. A store that does not take
// them is asked again, but not when there is no time left: they are then tried
// again by the next start.
func (q *Queue) note(ctx context.Context, all []settlement) {
	var settled []store.Settlement
	for _, s := range all {
		if s.ID != (store.InvocationID{}) {
			settled = append(settled, s.Settlement)
		}
	}
	call := context.WithoutCancel(ctx)
	for len(settled) > 0 && !q.done(call, "settle invocations", func(call context.Context) error {
		return q.store.SettleInvocations(call, settled)
	}) {
		if !sleep(ctx, lookAgain) {
			break
		}
	}
	for _, s := range all {
		q.leave(s.of)
	}
	q.alarm.Set(now()) // there are places, and perhaps others took over
}
