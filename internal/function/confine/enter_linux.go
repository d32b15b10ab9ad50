package confine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// childName is the name under which this program is started to enter a cell.
const childName = "heddle-function"

// exitEntering is the exit code of a child that could not enter its cell. Its
// standard output says why.
const exitEntering = 125

// Enter makes this process the program of a cell if it was started for that, and
// returns otherwise. It is the first call of main, since whatever else main does
// would be done in the cell.
func Enter() {
	if os.Args[0] != childName {
		entered.Store(true)
		return
	}
	// What is set for a thread must be set for the one that becomes the program.
	runtime.LockOSThread()
	if err := enter(); err != nil {
		fmt.Println(err)
		os.Exit(exitEntering)
	}
	os.Exit(0)
}

// enter returns only if the order names no program, or with an error.
func enter() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	steps := []struct {
		what string
		do   func(order) error
	}{
		{"arrange the network", openNetwork},
		{"arrange the file system", arrange},
		{"change the directory", func(o order) error { return unix.Chdir(o.Directory) }},
		{"become the user", become},
		{"give up privileges", giveUp},
		{"tie the process to its parent", tie},
		{"close what is open", closeFiles},
		{"set the bounds", setBounds}, // last: this program needs more than some functions may have
	}
	for _, step := range steps {
		if err := step.do(o); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if o.Path == "" {
		return nil
	}
	err = syscall.Exec(o.Path, o.Arguments, o.Environment)
	return fmt.Errorf("run %s: %w", o.Path, err)
}

// become gives up the user that this process has, for good.
func become(o order) error {
	if o.UID == 0 {
		return nil
	}
	return errors.Join(
		syscall.Setgroups(nil),
		syscall.Setresgid(o.UID, o.UID, o.UID),
		syscall.Setresuid(o.UID, o.UID, o.UID),
	)
}

func setBounds(o order) error {
	for _, b := range o.Bounds {
		limit := syscall.Rlimit{Cur: b.Value, Max: b.Value}
		if err := syscall.Setrlimit(b.Resource, &limit); err != nil {
			return fmt.Errorf("limit %d to %d: %w", b.Resource, b.Value, err)
		}
	}
	return nil
}

// giveUp drops the capabilities that arranging needed, and lets no file give
// any back. From then on the program gives way to the server when the processors
// are busy.
func giveUp(order) error {
	unix.Umask(0o077)
	return errors.Join(
		unix.Setpriority(unix.PRIO_PROCESS, 0, niceness),
		unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
	)
}

// niceness leaves a program a tenth of what the server gets, where both want all.
const niceness = 10

// tie has the system kill the program when the process is gone that started it.
// Becoming a user has undone what the start had arranged. If the parent ended in
// between, nobody holds the other end of the channel any more.
func tie(order) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	channel := []unix.PollFd{{Fd: channelDescriptor}}
	if _, err := unix.Poll(channel, 0); err != nil {
		return err
	}
	if channel[0].Revents&(unix.POLLHUP|unix.POLLERR) != 0 {
		return errors.New("the parent is gone")
	}
	return nil
}

// channelDescriptor is the first after the standard ones.
const channelDescriptor = 3

// closeFiles leaves the program its output, the channel if it has one, and an
// empty input. This process may have inherited descriptors that it does not know
// of.
func closeFiles(o order) error {
	null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Dup3(null, 0, 0); err != nil {
		return err
	}
	first := uint(channelDescriptor)
	if o.Channel {
		first++
	}
	return unix.CloseRange(first, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
}
