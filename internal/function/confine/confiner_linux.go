package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Confiner makes cells. What it has on the system (a directory, control groups)
// it makes anew when it is made, after having removed what one of a process that
// was killed has left.
type Confiner struct {
	cfg       Config
	isolation Isolation
	directory string // of the cells
	groups    *groups
	starts    chan start

	mu   sync.Mutex
	made int
	uids []int // that are in no cell; guarded by mu
}

// start asks Run to start a child.
type start struct {
	command *exec.Cmd
	done    chan error
}

// New finds out how far programs can be confined here, by trying, and returns a
// Confiner that does that much. As root it insists on users of their own.
func New(cfg Config) (*Confiner, error) {
	if !entered.Load() {
		return nil, ErrNotEntered
	}
	cfg = cfg.withDefaults()
	c := &Confiner{cfg: cfg, starts: make(chan start)}
	if os.Geteuid() == 0 {
		c.isolation.Users = true
		for i := range cfg.UIDs {
			c.uids = append(c.uids, cfg.UIDFirst+cfg.UIDs-1-i)
		}
	}
	if cfg.Network == NoNetwork && !c.isolation.Users {
		return nil, errors.New("only root can take the network away from functions")
	}
	c.isolation.Network = cfg.Network
	c.groups = newGroups(cfg.Directory)
	c.isolation.Groups = c.groups.version
	if err := c.choose(); err != nil {
		return nil, err
	}
	killAll(c.leftover(c.marker("")))
	return c, errors.Join(c.groups.reset(), c.resetDirectory())
}

// Isolation says how far programs are confined.
func (c *Confiner) Isolation() Isolation { return c.isolation }

// choose tries namespaces and does without them if the system does not allow
// any.
func (c *Confiner) choose() error {
	c.directory = c.cfg.Directory
	c.isolation.Namespaces = true
	refused := c.try()
	if refused == nil {
		return nil
	}
	if c.cfg.Network != HostNetwork {
		return fmt.Errorf("a network of their own for functions needs namespaces, which this system refuses: %w", refused)
	}
	c.isolation.Namespaces = false
	if !c.isolation.Users {
		return c.try()
	}
	// A user who may not pass through the directories above could not reach its
	// own. The name is of no use to anyone who would like to be there first.
	c.directory = filepath.Join(os.TempDir(), "heddle-functions-"+identifier(c.cfg.Directory))
	if err := c.try(); err != nil {
		return fmt.Errorf("functions must not run as root, and cannot run as the users %d to %d (function-uids): %w",
			c.cfg.UIDFirst, c.cfg.UIDFirst+c.cfg.UIDs-1, err)
	}
	return nil
}

// try enters a cell and leaves it.
func (c *Confiner) try() error {
	directory, err := os.MkdirTemp("", "heddle-cell-")
	if err != nil {
		return err
	}
	defer os.Remove(directory)
	if err := os.Chmod(directory, 0o711); err != nil {
		return err
	}
	o := order{Directory: "/", Code: directory, Namespaces: c.isolation.Namespaces, Network: c.cfg.Network, TmpBytes: 1 << 20}
	if c.isolation.Users {
		o.UID = c.cfg.UIDFirst
	}
	var said bytes.Buffer
	command := c.command(&said, nil, nil)
	defer closeAll(command.ExtraFiles)
	// The one who starts a child must not end before it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stdin, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	defer time.AfterFunc(startPatience, func() { command.Process.Kill() }).Stop()
	err = give(stdin, o)
	if failed := command.Wait(); failed != nil {
		return &childError{strings.TrimSpace(said.String() + " " + failed.Error())}
	}
	return err
}

// resetDirectory makes the directory of the cells, or empties it of cells.
func (c *Confiner) resetDirectory() error {
	if err := os.MkdirAll(filepath.Dir(c.directory), 0o700); err != nil {
		return fmt.Errorf("make the directory of cells: %w", err)
	}
	if err := os.Mkdir(c.directory, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make the directory of cells: %w", err)
	}
	// Below /tmp somebody else may have been there first.
	info, err := os.Lstat(c.directory)
	if err != nil {
		return fmt.Errorf("look at the directory of cells: %w", err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s should be a directory of this process's user: remove it", c.directory)
	}
	old, _ := filepath.Glob(filepath.Join(c.directory, cellName("*")))
	for _, path := range old {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove an old cell: %w", err)
		}
	}
	return os.Chmod(c.directory, 0o711)
}

func cellName(number string) string { return "cell-" + number }

// CodeDirectory returns where code must lie for programs to reach it.
func (c *Confiner) CodeDirectory() string { return filepath.Join(c.directory, "code") }

// Run starts the programs until ctx ends. The system kills them when the thread
// ends that started them, so one thread starts them all, and lives as long as
// Run. All cells must have been closed before Run returns.
func (c *Confiner) Run(ctx context.Context) {
	runtime.LockOSThread() // and never unlock: nobody else should get a thread on which children depend
	for {
		select {
		case s := <-c.starts:
			s.done <- s.command.Start()
		case <-ctx.Done():
			os.Remove(c.directory) // unless there is code in it
			c.groups.remove()
			return
		}
	}
}

// command is this program as the child that enters a cell. The file is its
// descriptor 3, or nil: then the child has one end of something that nobody else
// holds the other end of but this process.
func (c *Confiner) command(output any, channel *os.File, out *door) *exec.Cmd {
	command := &exec.Cmd{
		Path:        "/proc/self/exe",
		Args:        []string{childName},
		Env:         []string{},
		Dir:         "/",
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL},
	}
	switch output := output.(type) {
	case *os.File:
		command.Stdout, command.Stderr = output, output
	case *bytes.Buffer:
		command.Stdout, command.Stderr = output, output
	}
	if channel != nil {
		command.ExtraFiles = []*os.File{channel}
	}
	if out != nil {
		command.ExtraFiles = append(command.ExtraFiles, out.theirs)
	}
	if c.isolation.Namespaces {
		c.separate(command.SysProcAttr)
	}
	return command
}

// separate gives the child namespaces. Without privileges that takes one of
// users first, in which the child is still who it was, but may arrange mounts.
func (c *Confiner) separate(a *syscall.SysProcAttr) {
	a.Cloneflags = unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC
	if c.cfg.Network != HostNetwork {
		a.Cloneflags |= unix.CLONE_NEWNET
	}
	if c.isolation.Users {
		return
	}
	a.Cloneflags |= unix.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
	a.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN}
}

// markerName is the variable of the environment by which what is left of a cell
// can be told from other processes.
const markerName = "HEDDLE_CELL"

func (c *Confiner) marker(cell string) string {
	return markerName + "=" + identifier(c.cfg.Directory) + "-" + cell
}

// leftover recognises a process whose environment has a variable that begins
// with the marker.
func (c *Confiner) leftover(marker string) func(process string) bool {
	return func(process string) bool {
		environment, err := os.ReadFile(process + "/environ")
		return err == nil && bytes.Contains(append([]byte{0}, environment...), []byte("\x00"+marker))
	}
}

// ownedBy recognises a process of the user.
func ownedBy(uid int) func(process string) bool {
	return func(process string) bool {
		info, err := os.Stat(process)
		if err != nil {
			return false
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		return ok && int(owner.Uid) == uid
	}
}

// killAll kills the processes that are recognised by their directory below
// /proc, and those that they have forked meanwhile. It is for what neither
// namespaces nor groups nor the parent's death end: on a system without
// namespaces, what has left the process group.
func killAll(recognised func(process string) bool) {
	for again, tries := true, 0; again && tries < 100; tries++ {
		again = false
		processes, _ := filepath.Glob("/proc/[0-9]*")
		for _, process := range processes {
			pid, err := strconv.Atoi(filepath.Base(process))
			if err == nil && pid != os.Getpid() && recognised(process) && !dead(process) {
				again = syscall.Kill(pid, syscall.SIGKILL) == nil || again
			}
		}
	}
}

// dead reports whether nothing is left of a process but its exit status.
func dead(process string) bool {
	status, err := os.ReadFile(process + "/stat")
	_, state, _ := bytes.Cut(status, []byte(") "))
	return err != nil || bytes.HasPrefix(state, []byte("Z")) || bytes.HasPrefix(state, []byte("X"))
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
