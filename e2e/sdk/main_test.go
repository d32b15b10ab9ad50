// Package sdk has programs of others, unmodified, work with the built binary: the
// official SDKs of the published API, the one for Go in this process and the one
// for Node in node, and an S3 server that tells of its objects. It is a module of
// its own, so that they stay out of Heddle's dependencies.
package sdk

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take that should take a moment.
const patience = 30 * time.Second

// project is what the credentials of all clients name.
const project = "9800716a0c604a8690963103a85754f0"

// binary is the path of the heddle that is tested.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "heddle-sdk-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "heddle")
	build := exec.Command("go", "build", "-o", binary, "./cmd/heddle")
	build.Dir = "../.."
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build heddle:", err)
		return 1
	}
	return m.Run()
}

// server is a process that serves users, and its address.
type server struct {
	t       *testing.T
	dir     string
	process *exec.Cmd
	url     string
	admin   string // a token of the administrator for all projects
	key     key    // of an operator of the project
}

// start starts a server on a data directory, and waits until it is ready.
func start(t *testing.T, dir string) *server {
	t.Helper()
	s := &server{t: t, dir: dir}
	s.process = exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--config", configuration(t))
	printed, err := s.process.StderrPipe()
	if err == nil {
		err = s.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "msg=listening address="); ok {
			address, _, _ := strings.Cut(rest, " ")
			s.url = "http://" + address
			break
		}
		t.Log(lines.Text())
	}
	if s.url == "" {
		t.Fatal("the server does not say where it listens")
	}
	go io.Copy(io.Discard, printed)
	eventually(t, "the server is ready", func() bool {
		answer, err := new(http.Client).Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	s.admin = s.login("admin", adminPassword, "*").Header.Get("X-Subject-Token")
	s.key = s.member("ada", "operator", project)
	return s
}

// configuration has a user be made who administers, and event sources of the
// project prove themselves by a secret.
func configuration(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	password, file := filepath.Join(dir, "password"), filepath.Join(dir, "heddle.yaml")
	text := fmt.Sprintf("admin-password-file: %s\nevent-sources: [{project: %s, secret: %s}]\n", password, project, eventSecret)
	for path, text := range map[string]string{password: adminPassword, file: text} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// kill ends the process as a power cut would.
func (s *server) kill() {
	s.process.Process.Signal(syscall.SIGKILL)
	s.process.Wait()
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("%s: not within %v", what, patience)
}

// target is a function that is somewhere else: it notes its calls, and answers
// with its input unless it is told otherwise.
type target struct {
	*httptest.Server

	mu     sync.Mutex
	calls  []*http.Request                                           // guarded by mu
	answer func(w http.ResponseWriter, r *http.Request, body string) // guarded by mu
}

func newTarget(t *testing.T) *target {
	f := &target{}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *target) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.calls = append(f.calls, r)
	answer := f.answer
	f.mu.Unlock()
	if answer != nil {
		answer(w, r, string(body))
		return
	}
	w.Write(body)
}

func (f *target) answers(answer func(w http.ResponseWriter, r *http.Request, body string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// called returns the calls so far.
func (f *target) called() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*http.Request{}, f.calls...)
}
