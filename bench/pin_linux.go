package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// The processors of the server and of everybody else.
const serverCPU, othersCPU = 0, 1

// alone lets a server run on its processor only.
func alone() setup { return setup{wrapper: []string{"taskset", "-c", strconv.Itoa(serverCPU)}} }

// pinSelf keeps this program, and what it starts, from the server's processor, if
// there is another. It returns what undoes that.
func pinSelf() (back func(), pinned bool, err error) {
	var before, others unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, false, err
	}
	if _, err := exec.LookPath("taskset"); err != nil || !before.IsSet(serverCPU) || !before.IsSet(othersCPU) {
		return func() {}, false, nil
	}
	others.Set(othersCPU)
	return func() { setAffinity(&before) }, true, setAffinity(&others)
}

// setAffinity sets that of all threads. Those that are still to come have it of
// the one that makes them.
func setAffinity(set *unix.CPUSet) error {
	threads, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(filepath.Base(thread))
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, set); err != nil {
			return fmt.Errorf("keep to some processors: %w", err)
		}
	}
	return nil
}
