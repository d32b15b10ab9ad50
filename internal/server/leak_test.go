package server_test

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// TestNothingLeaks starts and stops servers in one process. Afterwards there is
// no goroutine and no open file more than before.
func TestNothingLeaks(t *testing.T) { // not parallel: it counts what the process has
	cfg := configFor(t.TempDir())
	once := func() {
		r := run(t, cfg)
		r.finish(r.start(r.createGraph("pass", pass)))
		r.call("DELETE", graphs+"/urn:fgs:local:"+project+":graph:pass", "")
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
		r.web.CloseIdleConnections()
	}
	once() // what is opened once for the process
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range 10 {
		once()
	}
	for deadline := time.After(10 * time.Second); runtime.NumGoroutine() > goroutines || openFiles(t) > files; runtime.Gosched() {
		select {
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("there were %d goroutines and %d files, and are %d and %d:\n%s",
				goroutines, files, runtime.NumGoroutine(), openFiles(t), stacks[:runtime.Stack(stacks, true)])
		default:
		}
	}
}

// openFiles returns how many files the process has open, or 0 where the system
// does not say.
func openFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(files)
}
