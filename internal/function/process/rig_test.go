package process_test

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
	"heddle/internal/function/logbook"
	"heddle/internal/function/process"
)

// TestMain lets this binary enter cells.
func TestMain(m *testing.M) {
	confine.Enter()
	os.Exit(m.Run())
}

// rig is a runtime that runs.
type rig struct {
	t         testing.TB
	r         *process.Runtime
	logs      *logbook.Book
	directory string
}

func newRig(t testing.TB, cfg process.Config) *rig {
	t.Helper()
	if cfg.Directory == "" {
		cfg.Directory = filepath.Join(t.TempDir(), "functions")
	}
	if cfg.UIDFirst == 0 {
		// The system counts the processes of a user, whoever has started them.
		cfg.UIDFirst = 1_000_000_000 + 1_000*rand.IntN(900_000)
	}
	logs, err := logbook.New(filepath.Join(t.TempDir(), "logs"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := process.New(cfg, logs, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return &rig{t: t, r: r, logs: logs, directory: cfg.Directory}
}

var revisions atomic.Int64

// spec returns a function of its own with code in one file.
func spec(runtime, code string) function.Spec {
	revision := revisions.Add(1)
	name := "f" + strconv.FormatInt(revision, 10)
	sum := sha512.Sum512([]byte(code))
	return function.Spec{
		URN:     "urn:fss:local:p:function:default:" + name + ":latest",
		Project: "p", Package: "default", Name: name, Version: "latest", Revision: revision,
		Runtime: runtime, Handler: "index.handler", Timeout: time.Minute, MemoryMiB: 128,
		InstancesMax: -1, CallsMax: 1, CodeType: function.CodeInline, Digest: hex.EncodeToString(sum[:]),
		Code: func(context.Context) ([]byte, error) { return []byte(code), nil },
	}
}

func request(input string) function.Request {
	return function.Request{Input: input, Timeout: time.Minute, InvocationID: "call-1", Attempt: 1, State: "s", Action: "a"}
}

func (g *rig) invoke(s function.Spec, input string) function.Result {
	g.t.Helper()
	return g.r.Invoke(context.Background(), s, request(input))
}

// invokeFor gives the call so much time.
func (g *rig) invokeFor(s function.Spec, input string, timeout time.Duration) function.Result {
	g.t.Helper()
	r := request(input)
	r.Timeout = timeout
	return g.r.Invoke(context.Background(), s, r)
}

func (g *rig) isolation() string { return g.r.Isolation().String() }

// need skips the test where the program is missing.
func need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
}

func checkOutput(t testing.TB, got function.Result, want string) {
	t.Helper()
	if got.Failure != nil {
		t.Fatalf("the call failed: %s: %s", got.Failure.Name, got.Failure.Text())
	}
	if got.Output != want {
		t.Errorf("output %s, want %s", got.Output, want)
	}
}

// checkFailure wants a failure of that name, with a text in what it says.
func checkFailure(t testing.TB, got function.Result, name, text string) {
	t.Helper()
	switch {
	case got.Failure == nil:
		t.Errorf("output %s, want the failure %s with %q", got.Output, name, text)
	case got.Failure.Name != name || !strings.Contains(got.Failure.Text(), text):
		t.Errorf("failure %s: %s\nwant %s with %q", got.Failure.Name, got.Failure.Text(), name, text)
	}
}
