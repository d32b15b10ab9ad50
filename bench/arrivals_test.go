package main

import (
	"testing"
	"time"
)

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	const text = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 3\r\n\r\nabc"
	for n := range len(text) {
		if a, whole, err := readAnswer([]byte(text[:n])); whole || err != nil {
			t.Errorf("%q was read as %+v, %v", text[:n], a, err)
		}
	}
	a, whole, err := readAnswer([]byte(text))
	if err != nil || !whole || a.status != 503 || !a.retryAfter || string(a.body) != "abc" {
		t.Errorf("got %+v, %t, %v", a, whole, err)
	}
	a, whole, err = readAnswer([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	if err != nil || !whole || a.status != 200 || a.retryAfter || len(a.body) != 0 {
		t.Errorf("got %+v, %t, %v", a, whole, err)
	}
	for _, broken := range []string{
		"HTTP/1.1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
	} {
		if a, _, err := readAnswer([]byte(broken)); err == nil {
			t.Errorf("%q was read as %+v", broken, a)
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	s := schedule{arrivals: arrivals{rate: 10, duration: time.Second}}
	for _, want := range []time.Duration{0, 100 * time.Millisecond} {
		if at, due := s.next(150 * time.Millisecond); !due || at != want {
			t.Errorf("got %s, %t, want %s", at, due, want)
		}
	}
	if at, due := s.next(150 * time.Millisecond); due {
		t.Errorf("a start of %s is due already", at)
	}
	if got := s.left(); got != 8 || s.over(time.Second) {
		t.Errorf("%d are left, over: %t", got, s.over(time.Second))
	}
	if _, due := s.next(time.Second + arrivalGrace + 1); due {
		t.Error("a start is sent after its grace")
	}
	closed := schedule{arrivals: arrivals{duration: time.Second}}
	if at, due := closed.next(time.Millisecond); !due || at != time.Millisecond {
		t.Errorf("got %s, %t", at, due)
	}
	if _, due := closed.next(time.Second); due || closed.left() != 0 {
		t.Error("a closed loop goes on after its time")
	}
}

func TestBackAfter(t *testing.T) {
	t.Parallel()
	r := reception{
		at:       []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, 600 * time.Millisecond},
		accepted: []time.Duration{time.Second, time.Millisecond, 40 * time.Millisecond, 20 * time.Millisecond},
	}
	for calm, want := range map[float64]time.Duration{500: 0, 100: 250 * time.Millisecond, 10: 500 * time.Millisecond, 1: 750 * time.Millisecond} {
		if got := r.backAfter(calm); got != want {
			t.Errorf("with %v ms in calm times it is back after %v, want %v", calm, got, want)
		}
	}
}
