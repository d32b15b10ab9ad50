package main

import (
	"testing"
	"time"
)

func TestQuantiles(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100-i) * time.Millisecond
	}
	tests := []struct {
		name  string
		times []time.Duration
		want  quantiles
	}{
		{"none", nil, quantiles{}},
		{"one", []time.Duration{3 * time.Millisecond}, quantiles{P50: 3, P99: 3, Max: 3}},
		{"two", []time.Duration{3 * time.Millisecond, time.Millisecond}, quantiles{P50: 1, P99: 3, Max: 3}},
		{"a hundred", hundred, quantiles{P50: 50, P99: 99, Max: 100}},
	}
	for _, test := range tests {
		if got := quantilesOf(test.times); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rounds []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{9, 7, 8}, 8},
		{[]float64{4, 1, 3, 2}, 2},
	}
	for _, test := range tests {
		if got := medianOf(test.rounds, func(f float64) float64 { return f }); got != test.want {
			t.Errorf("the median of %v is %v, want %v", test.rounds, got, test.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		bar  bar
		want string
	}{
		{atLeast("", 0.25), "not measured"},
		{atLeast("", 0.25).measured(0.25), "PASS"},
		{atLeast("", 0.25).measured(0.2), "short by 20 %"},
		{atMost("", 50, "ms").measured(50), "PASS"},
		{atMost("", 50, "ms").measured(75), "over by 50 %"},
	}
	for _, test := range tests {
		if got := test.bar.verdict(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.bar, got, test.want)
		}
	}
}

func TestFigure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		number float64
		want   string
	}{
		{0, "–"}, {0.254, "0.25"}, {9.87, "9.87"}, {12.34, "12.3"}, {123.4, "123"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"},
	}
	for _, test := range tests {
		if got := figure(test.number); got != test.want {
			t.Errorf("%v is written %q, want %q", test.number, got, test.want)
		}
	}
}
