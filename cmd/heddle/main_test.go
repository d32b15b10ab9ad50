package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"heddle/internal/function/confine"
)

// raceOptions end a process of the race detector at once, and not after the
// second that it waits for late reports; the scripts run many.
const raceOptions = "atexit_sleep_ms=0"

// TestMain lets the scripts call this binary as heddle.
func TestMain(m *testing.M) {
	confine.Enter()
	os.Setenv("GORACE", raceOptions)
	testscript.Main(m, map[string]func(){"heddle": main})
}

// TestScripts runs testdata/*.txt: the binary as an operator sees it. Beside
// the usual commands a script has
//
//	server start [FLAG...]  run "heddle serve" and let HEDDLE_SERVER name it
//	server stop             end it by SIGTERM, and want the exit code 0
//	server kill             end it by SIGKILL
//	functions               serve the example functions, declared in heddle.yaml
//	exits CODE COMMAND...   run a command and want this exit code
//	keep NAME               keep the output of the last command as a variable
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(2 * time.Minute),
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", raceOptions)
			s := &serverProcess{}
			env.Defer(s.end)
			env.Values[serverKey{}] = s
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"server":    scriptServer,
			"functions": scriptFunctions,
			"exits":     scriptExits,
			"keep":      scriptKeep,
		},
	})
}

func scriptExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("the exit code is %d, want %d", got, want)
	}
}

func scriptKeep(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}
