// Package e2e drives the built binary the way its surroundings do: real
// processes, real signals, real disks, and requests over loopback. It knows
// the documented API and what the function server in here is asked; nothing in
// it looks inside.
//
// Set in the environment:
//
//	HEDDLE_E2E_CHAOS   if not empty, every fault is injected often, not only a few times
//	HEDDLE_E2E_KILLS   how often the kill loop kills the server; 5 if unset
//	HEDDLE_E2E_SEED    what is drawn from; a new one if unset
//	HEDDLE_TEST_POSTGRES   URL of a database to test with; a local one is tried if unset
//	HEDDLE_E2E_RACE    if not empty, the binary is built with the race detector
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the path of the heddle that is tested.
var binary string

func TestMain(m *testing.M) {
	becomeIntercepted()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "heddle-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "heddle")
	build := exec.Command("go", "build", "-o", binary, "heddle/cmd/heddle")
	if os.Getenv("HEDDLE_E2E_RACE") != "" {
		build = exec.Command("go", "build", "-race", "-o", binary, "heddle/cmd/heddle")
		build.Env = append(os.Environ(), "CGO_ENABLED=1") // the detector needs it
	}
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build heddle:", err)
		return 1
	}
	return m.Run()
}
