package main

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	const two = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 3\r\n\r\nabc" +
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	r := bufio.NewReaderSize(strings.NewReader(two), answerMax)
	first, err := readAnswer(r)
	if err != nil || first.status != 503 || !first.retryAfter || string(first.body) != "abc" {
		t.Errorf("got %+v, %v", first, err)
	}
	second, err := readAnswer(r)
	if err != nil || second.status != 200 || second.retryAfter || len(second.body) != 0 {
		t.Errorf("got %+v, %v", second, err)
	}
	for _, broken := range []string{
		"", "HTTP/1.1\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
	} {
		if a, err := readAnswer(bufio.NewReaderSize(strings.NewReader(broken), answerMax)); err == nil {
			t.Errorf("%q was read as %+v", broken, a)
		}
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
