package simulation_test

import "testing"

// shrink returns a smaller plan that fails too: with fewer executions, then
// with as few faults as will do.
func shrink(p plan, r report) plan {
	for n := 1; n < p.executions; n++ {
		smaller := p
		smaller.executions = n
		if shorter := run(smaller); shorter.failure != "" {
			p, r = smaller, shorter
			break
		}
	}
	numbers := make([]int, r.faults)
	for i := range numbers {
		numbers[i] = i + 1
	}
	p.only = setOf(minimize(numbers, func(numbers []int) bool {
		smaller := p
		smaller.only = setOf(numbers)
		return run(smaller).failure != ""
	}))
	return p
}

// minimize returns a part of a list that still fails, and no longer does if
// any one of its items is left out (delta debugging). The whole list fails.
func minimize(list []int, fails func([]int) bool) []int {
	for parts := 2; len(list) > 0; {
		smaller := false
		size := (len(list) + parts - 1) / parts
		for from := 0; from < len(list); from += size {
			rest := append(append([]int(nil), list[:from]...), list[min(from+size, len(list)):]...)
			if fails(rest) {
				list, parts, smaller = rest, max(parts-1, 2), true
				break
			}
		}
		switch {
		case smaller:
		case size == 1:
			return list
		default:
			parts = min(2*parts, len(list))
		}
	}
	return list
}

func setOf(numbers []int) map[int]bool {
	set := map[int]bool{}
	for _, n := range numbers {
		set[n] = true
	}
	return set
}

// TestShrink shrinks a run with a mutant that needs a fault to be noticed.
func TestShrink(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1_000) {
		p := plan{seed: seed, executions: executions, mutant: secondStart}
		r := run(p)
		if r.failure == "" {
			continue
		}
		small := shrink(p, r)
		if run(small).failure == "" {
			t.Errorf("what is left does not fail: %s", replay(small))
		}
		if small.executions == executions || len(small.only) == 0 || len(small.only) > 10 {
			t.Errorf("%d faults are left of %d: %s", len(small.only), r.faults, replay(small))
		}
		return
	}
	t.Error("no seed fails")
}
