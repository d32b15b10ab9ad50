package main

import (
	"strings"
	"testing"
)

func TestSpanCountsWhatPrefixesChoose(t *testing.T) {
	t.Parallel()
	for _, s := range []span{{1, 25_000}, {999, 1000}, {1001, 1999}, {1000, 1000}, {123, 4567}} {
		count := func(prefix string) (n int64) {
			for number := s.first; number <= s.last; number++ {
				if strings.HasPrefix(executionName(number), prefix) {
					n++
				}
			}
			return n
		}
		if got, want := s.rare(), count(rareName); got != want {
			t.Errorf("%v: %d rare names, want %d", s, got, want)
		}
		for _, number := range []int64{s.first, s.last, (s.first + s.last) / 2} {
			for _, digits := range []int{1, 3, 5} {
				if got, want := s.block(number, digits), count(prefix(number, digits)); got != want {
					t.Errorf("%v: %d names begin with %s, want %d", s, got, prefix(number, digits), want)
				}
			}
		}
	}
}
