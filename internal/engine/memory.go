package engine

import (
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// memoryLookAgain is how long a look at the memory is good for.
const memoryLookAgain = 50 * time.Millisecond

// memory tells whether executions hold as much of it as there may be. What one
// of them holds is bounded, and their number is; their sum would be many times
// what a small machine has.
//
// The bound is half of the limit that the process was given (GOMEMLIMIT): up to
// there, the garbage collector works as it would without one. Without a limit
// there is no bound.
type memory struct {
	limit int64

	mu     sync.Mutex
	looked time.Time // guarded by mu
	short  bool      // guarded by mu
}

func newMemory() *memory { return &memory{limit: debug.SetMemoryLimit(-1)} }

// isShort reports whether the last collection has left more than half of the
// limit.
func (m *memory) isShort() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); now.Sub(m.looked) >= memoryLookAgain {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		m.looked, m.short = now, int64(live[0].Value.Uint64()) > m.limit/2
	}
	return m.short
}
