package e2e

import (
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
)

// amount says how often a test does its harm: a few times, or as often as make
// chaos asks for.
func amount(few, chaos int) int {
	if os.Getenv("HEDDLE_E2E_CHAOS") != "" {
		return chaos
	}
	return few
}

// chance returns what a test and its clients draw from, at once if they like. It
// logs the seed, and takes another one each time unless that is set.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := number(t, "HEDDLE_E2E_SEED", rand.Uint64()>>1)
	t.Logf("HEDDLE_E2E_SEED=%d", seed)
	return rand.New(&shared{source: rand.NewPCG(seed, 0)})
}

// shared is a source for several goroutines.
type shared struct {
	mu     sync.Mutex
	source rand.Source // guarded by mu
}

func (s *shared) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}

// number returns a whole number from the environment.
func number(t *testing.T, name string, unset uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
