package mark_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/store/mark"
)

// opened opens a mark that is closed at the end of the test.
func opened(t *testing.T, path string) *mark.Mark {
	t.Helper()
	m, err := mark.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "acknowledged")
	m := opened(t, path)
	no(t, m.Check(0))
	no(t, m.Write(1000))
	no(t, m.Write(57)) // an accepted loss: nothing of the longer number remains

	m = opened(t, path)
	no(t, m.Check(57))
	no(t, m.Check(58))
	if err := m.Check(56); !errors.Is(err, mark.ErrBehind) {
		t.Errorf("got %v", err)
	}
}

func TestMarkFollowsSoon(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "acknowledged")
	synctest.Test(t, func(t *testing.T) {
		m := opened(t, path)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx, slog.New(slog.DiscardHandler)) })
		defer running.Wait()
		defer stop()
		behind := func(number int64) bool {
			synctest.Wait()
			return errors.Is(opened(t, path).Check(number), mark.ErrBehind)
		}
		m.Acknowledge(1)
		if !behind(0) {
			t.Error("the first commit is not written down at once")
		}
		m.Acknowledge(2)
		m.Acknowledge(3)
		if behind(1) {
			t.Error("it is written down twice within a second")
		}
		time.Sleep(time.Second) // and no commit after that
		if !behind(2) {
			t.Error("the last commit is not written down a second later")
		}
	})
}

func TestMarkThatSaysNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"many\n", "12 34\n", "\x00\x00"} {
		path := filepath.Join(t.TempDir(), "acknowledged")
		no(t, os.WriteFile(path, []byte(text), 0o600))
		if m, err := mark.Open(path); err == nil {
			no(t, m.Close())
			t.Errorf("%q is taken for a number", text)
		}
	}
}
