package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that should take a moment. Nothing
// is asserted about time but this.
const patience = 30 * time.Second

// server is a data directory, an address, and the process that serves the one
// on the other, if there is one at the moment.
type server struct {
	t       *testing.T
	dir     string // the data directory
	store   string // URL of a PostgreSQL database; if empty, the database is in dir
	address string
	config  string // path of the configuration file
	output  string // path of the file that takes what its processes print
	client  *http.Client
	token   string   // that every request carries, if it is not empty
	program string   // path of the heddle that runs
	flags   []string // besides those that every server has
	env     []string // likewise

	// prepare changes how a process is started, if it is not nil, and returns
	// what to do once it has been.
	prepare func(*exec.Cmd) (started func())

	process *exec.Cmd
	exited  chan struct{} // closed once the process has ended
}

// newServer prepares a server on a fresh data directory. It calls the
// functions of the ledger, if that is not nil. Nothing runs before start.
func newServer(t *testing.T, functions *ledger) *server {
	t.Helper()
	return newServerOn(t, filepath.Join(t.TempDir(), "data"), functions)
}

func newServerOn(t *testing.T, dir string, functions *ledger) *server {
	t.Helper()
	own := t.TempDir()
	s := &server{
		t: t, dir: dir,
		address: freeAddress(t),
		config:  filepath.Join(own, "heddle.yaml"),
		output:  filepath.Join(own, "output.log"),
		program: binary,
		client:  &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	var declared string
	if functions != nil {
		declared = functions.declarations()
	}
	if err := os.WriteFile(s.config, []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the end of what the server printed:\n%s", s.tail())
		}
	})
	return s
}

// set adds settings to the configuration file, for the next start.
func (s *server) set(settings string) {
	s.t.Helper()
	declared, err := os.ReadFile(s.config)
	if err == nil {
		err = os.WriteFile(s.config, append([]byte(settings+"\n"), declared...), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// freeAddress returns a loopback address to listen on. It stays below the
// ports that systems hand out to outgoing connections: a client that calls a
// server which is down could otherwise be given the server's own port, and be
// connected with itself.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("found no free port")
	return ""
}

// launch starts a process and does not wait for it to serve.
func (s *server) launch() {
	s.t.Helper()
	output, err := os.OpenFile(s.output, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer output.Close()
	s.process = exec.Command(s.program, "serve", "--listen", s.address, "--data-dir", s.dir, "--region", region, "--config", s.config)
	if s.store != "" {
		s.process.Args = append(s.process.Args, "--store", s.store)
	}
	s.process.Args = append(s.process.Args, s.flags...)
	s.process.Env = append(append(os.Environ(), "GORACE=halt_on_error=1"), s.env...)
	s.process.Stdout, s.process.Stderr = output, output
	started := func() {}
	if s.prepare != nil {
		started = s.prepare(s.process)
	}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	s.exited = exited
	go func(p *exec.Cmd) {
		p.Wait() // what came of it stands in its ProcessState
		close(exited)
	}(s.process)
	started()
}

// start starts a process and returns once it takes work.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	if err := s.awaitReady(context.Background()); err != nil {
		s.t.Fatalf("%v\n%s", err, s.tail())
	}
}

func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if a, err := s.call(http.MethodGet, "/readyz", nil, nil); err == nil && a.status == http.StatusOK {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("the server ended instead of serving: %v", s.process.ProcessState)
		case <-ctx.Done():
			return errors.New("the server does not become ready")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// kill ends the process, if there is one, as a power cut would: without a word.
func (s *server) kill() {
	if s.process == nil {
		return
	}
	s.process.Process.Kill()
	<-s.exited
	s.client.CloseIdleConnections()
}

// terminate asks the process to end and returns its exit code.
func (s *server) terminate() int {
	s.t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	return s.awaitExit()
}

// end asks the process to end, unless it has ended by itself, and returns its
// exit code.
func (s *server) end() int {
	s.t.Helper()
	s.process.Process.Signal(syscall.SIGTERM)
	return s.awaitExit()
}

func (s *server) awaitExit() int {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		s.t.Fatalf("the server does not end:\n%s", s.tail())
	}
	s.client.CloseIdleConnections()
	return s.process.ProcessState.ExitCode()
}

// tail returns the end of what the processes have printed.
func (s *server) tail() string { return tailOf(s.output) }

// tailOf returns the last lines of a file.
func tailOf(path string) string {
	const lines = 40
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(string(bytes.TrimSpace(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !so() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain for this: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
