package audit

import (
	"context"
	"sync"
)

// batchMax bounds the entries of one transaction: those of as many calls as come
// while one transaction waits for the disk.
const batchMax = 256

// queue brings entries into the store. Those that come while others are on their way
// to the disk share the next transaction, which one of their callers makes for all.
type queue struct {
	store  Store
	making chan struct{} // has room for the one who makes the transaction

	mu      sync.Mutex
	waiting []*arrival // guarded by mu
}

// arrival is an entry on its way.
type arrival struct {
	entry  Entry
	done   chan struct{} // closed when the record or the error is known
	record Record
	err    error
}

func newQueue(st Store) *queue {
	return &queue{store: st, making: make(chan struct{}, 1)}
}

// enter returns when the record is on stable storage. An entry that is on its way
// goes it, whether or not its caller stays: others may go with it.
func (q *queue) enter(ctx context.Context, e Entry) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	own := &arrival{entry: e, done: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, own)
	q.mu.Unlock()
	for {
		select {
		case <-own.done:
			return own.record, own.err
		case q.making <- struct{}{}:
			q.make(ctx)
			<-q.making
		}
	}
}

// make enters those who wait.
func (q *queue) make(ctx context.Context) {
	q.mu.Lock()
	n := min(len(q.waiting), batchMax)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.mu.Unlock()
	if n == 0 { // they went with others
		return
	}
	entries := make([]Entry, n)
	for i, a := range batch {
		entries[i] = a.entry
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	records, err := q.store.Audit(ctx, entries)
	for i, a := range batch {
		if a.err = err; err == nil {
			a.record = records[i]
		}
		close(a.done)
	}
}
