package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

// fake is a caller that counts, and fails at one of its calls.
type fake struct {
	calls   int
	failAt  int // 0: never
	settled *atomic.Int64
}

var errFake = errors.New("the fake fails")

func (f *fake) call(ctx context.Context, _ int64) (sample, error) {
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	f.calls++
	if f.calls == f.failAt {
		return sample{}, errFake
	}
	return sample{answer: time.Millisecond, end: 2 * time.Millisecond}, nil
}

func (f *fake) settle(context.Context) error {
	f.settled.Add(1)
	return nil
}

func TestLoadIsBoundedByItsCalls(t *testing.T) {
	t.Parallel()
	var settled atomic.Int64
	l := load{clients: 3, duration: time.Minute, calls: 100}
	got, err := l.drive(t.Context(), func(int) (caller, error) { return &fake{settled: &settled}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if got.calls != 100 || len(got.answers) != 100 || len(got.ends) != 100 {
		t.Errorf("%d calls, %d answers, %d ends; want 100 of each", got.calls, len(got.answers), len(got.ends))
	}
	if n := settled.Load(); n < 1 || n > 3 {
		t.Errorf("%d of 3 clients have settled", n)
	}
}

func TestLoadEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	var settled atomic.Int64
	l := load{clients: 2, duration: time.Minute}
	_, err := l.drive(t.Context(), func(i int) (caller, error) { return &fake{settled: &settled, failAt: 5 * i}, nil })
	if !errors.Is(err, errFake) {
		t.Errorf("got the error %v, want the caller's", err)
	}
}

func TestStartBody(t *testing.T) {
	t.Parallel()
	got := string(appendStart(nil, 7, 42))
	want := `{"action_type":"start","executions":{"execution_name":"run-1000000042","input":"{\"client\":7,\"number\":42}"}}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
