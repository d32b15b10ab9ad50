package identity

import (
	"sync"
	"time"
)

// recentLifetime is how long what was looked up counts: so long a credential goes
// on after it was revoked. It spares a busy caller's requests the look.
const recentLifetime = time.Second

// recentMax bounds what is kept; beyond it all is forgotten, which costs no more
// than looking again.
const recentMax = 10_000

// recent keeps values that were looked up just now.
type recent[T any] struct {
	mu     sync.Mutex
	values map[string]kept[T] // guarded by mu
}

type kept[T any] struct {
	value T
	until time.Time
}

func newRecent[T any]() *recent[T] { return &recent[T]{values: map[string]kept[T]{}} }

// get returns a value, looking it up if that was not done just now. Errors are
// not kept.
func (r *recent[T]) get(key string, look func() (T, error)) (T, error) {
	now := time.Now()
	r.mu.Lock()
	k, ok := r.values[key]
	r.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.value, nil
	}
	value, err := look()
	if err != nil {
		return value, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.values) >= recentMax {
		clear(r.values)
	}
	r.values[key] = kept[T]{value, now.Add(recentLifetime)}
	return value, nil
}

// forget drops all values.
func (r *recent[T]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.values)
}
