package e2e

import (
	"math/rand/v2"
	"os"
	"strconv"
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

// chance returns what a test draws from. It logs the seed, and takes another
// one each time unless that is set.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	seed := number(t, "HEDDLE_E2E_SEED", rand.Uint64()>>1)
	t.Logf("HEDDLE_E2E_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
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
