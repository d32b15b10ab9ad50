package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"heddle/examples"
	"heddle/examples/endpoints"
)

// serverKey is where a script keeps its server.
type serverKey struct{}

// serverProcess is the server of a script; cmd is nil while none runs.
type serverProcess struct{ cmd *exec.Cmd }

// start runs "heddle serve" on a free port and returns its URL.
func (s *serverProcess) start(directory string, environ, flags []string) (string, error) {
	flags = append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json"}, flags...)
	s.cmd = exec.Command("heddle", flags...)
	s.cmd.Dir, s.cmd.Env = directory, environ
	log, err := s.cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := s.cmd.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct {
			Msg, Address string
			TLS          bool
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			go io.Copy(io.Discard, log) // a full pipe would stop the server; it ends with the process
			scheme := "http://"
			if line.TLS {
				scheme = "https://"
			}
			return scheme + line.Address, nil
		}
	}
	return "", fmt.Errorf("the server did not say where it listens: %v", s.cmd.Wait())
}

// signal ends the server and returns how it ended.
func (s *serverProcess) signal(sig os.Signal) error {
	if err := s.cmd.Process.Signal(sig); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.cmd = nil
	return err
}

// end ends what a script left running.
func (s *serverProcess) end() {
	if s.cmd != nil {
		s.signal(os.Kill)
	}
}

func scriptServer(ts *testscript.TestScript, _ bool, args []string) {
	s := ts.Value(serverKey{}).(*serverProcess)
	switch args[0] {
	case "start":
		environ := append(os.Environ(), "HEDDLE_DATA_DIR="+ts.MkAbs("data"))
		url, err := s.start(ts.MkAbs("."), environ, args[1:])
		ts.Check(err)
		ts.Setenv("HEDDLE_SERVER", url)
	case "stop":
		ts.Check(s.signal(syscall.SIGTERM))
	case "kill":
		s.signal(os.Kill) // that it was killed is its error
	default:
		ts.Fatalf("server cannot %s", args[0])
	}
}

func scriptFunctions(ts *testscript.TestScript, _ bool, _ []string) {
	server := httptest.NewServer(endpoints.Handler())
	ts.Defer(server.Close)
	var declared strings.Builder
	declared.WriteString("functions:\n")
	for _, f := range examples.Functions() {
		fmt.Fprintf(&declared, "  - urn: %s\n    url: %s%s\n", f.URN, server.URL, f.Path)
	}
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("."), "heddle.yaml"), []byte(declared.String()), 0o600))
}
