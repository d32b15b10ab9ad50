package confine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Cell is a place for one program.
type Cell struct {
	Code    string // directory of the code, as the program sees it; it can change nothing there
	Scratch string // directory that is the program's own, as it sees it

	confiner  *Confiner
	name      string
	code      string // directory of the code
	memory    int    // MiB
	uid       int    // 0 for this process's
	directory string // that is the program's own; "" with namespaces
	group     *group
	command   *exec.Cmd
	alive     *os.File         // what ends when this process does, if the program has no channel
	names     []netip.AddrPort // servers of, in an OutwardNetwork
	way       *way             // out of an OutwardNetwork; nil if there is none

	mu    sync.Mutex
	peak  int64 // bytes, as far as known; guarded by mu
	ended bool  // the program's process number may be another's; guarded by mu
}

// NewCell makes a cell with the code in it that lies in a directory below
// CodeDirectory, and so much memory. The caller closes it.
func (c *Confiner) NewCell(code string, memoryMiB int) (_ *Cell, err error) {
	cell := &Cell{confiner: c, code: code, memory: memoryMiB, Code: code}
	if cell.name, cell.uid, err = c.take(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			cell.Close()
		}
	}()
	if cell.group, err = c.groups.make(cell.name, memoryMiB); err != nil {
		return nil, err
	}
	if c.isolation.Namespaces {
		cell.Code, cell.Scratch = codePath, scratchPath
		return cell, nil
	}
	cell.directory = filepath.Join(c.directory, cell.name)
	cell.Scratch = cell.directory
	if err := os.Mkdir(cell.directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the cell: %w", err)
	}
	if cell.uid != 0 {
		if err := os.Chown(cell.directory, cell.uid, cell.uid); err != nil {
			return nil, fmt.Errorf("make the cell: %w", err)
		}
	}
	return cell, nil
}

// take returns a name for a cell and a user for it, 0 where they have none.
func (c *Confiner) take() (name string, uid int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	name = cellName(strconv.Itoa(c.made))
	if !c.isolation.Users {
		return name, 0, nil
	}
	last := len(c.uids) - 1
	if last < 0 {
		return "", 0, ErrNoUser
	}
	uid = c.uids[last]
	c.uids = c.uids[:last]
	return name, uid, nil
}

// Close removes the cell. A program that was started has been waited for.
func (cell *Cell) Close() error {
	err := cell.group.remove()
	if cell.alive != nil {
		cell.alive.Close()
	}
	if cell.directory != "" {
		err = errors.Join(err, os.RemoveAll(cell.directory))
	}
	if cell.uid != 0 {
		cell.confiner.mu.Lock()
		cell.confiner.uids = append(cell.confiner.uids, cell.uid)
		cell.confiner.mu.Unlock()
	}
	return err
}

// Start starts the program, of which a cell has one. The caller waits for it.
// Start returns before the program has begun, and an error if it cannot begin
// for reasons that the program has no part in.
func (cell *Cell) Start(ctx context.Context, p Program) error {
	channel := p.Channel
	if channel == nil {
		theirs, ours, err := os.Pipe()
		if err != nil {
			return err
		}
		defer theirs.Close()
		channel, cell.alive = theirs, ours
	}
	var out *door
	if cell.confiner.cfg.Network == OutwardNetwork {
		var err error
		if out, err = newDoor(); err != nil {
			return err
		}
		defer out.close()
		cell.names = nameServers()
	}
	cell.command = cell.confiner.command(p.Output, channel, out)
	stdin, err := cell.command.StdinPipe()
	if err != nil {
		return err
	}
	started := start{cell.command, make(chan error, 1)}
	select {
	case cell.confiner.starts <- started:
	case <-ctx.Done():
		stdin.Close()
		return ctx.Err()
	}
	if err := <-started.done; err != nil {
		return fmt.Errorf("start a process: %w", err)
	}
	if err := cell.prepare(p, stdin, out); err != nil {
		stdin.Close()
		cell.Kill()
		cell.Wait()
		return err
	}
	return nil
}

// prepare sends the order to a child, which does nothing before: nothing escapes
// the group.
func (cell *Cell) prepare(p Program, stdin io.WriteCloser, out *door) error {
	if err := cell.group.add(cell.command.Process.Pid); err != nil {
		return err
	}
	if out != nil {
		if err := give(stdin, cell.order(p)); err != nil {
			return err
		}
		return cell.openWay(p, out)
	}
	if p.Before != nil {
		if err := p.Before(); err != nil {
			return err
		}
	}
	return give(stdin, cell.order(p))
}

func (cell *Cell) order(p Program) order {
	c := cell.confiner
	o := order{
		Path:        p.Path,
		Arguments:   append([]string{p.Path}, p.Arguments...),
		Environment: append([]string{c.marker(cell.name)}, p.Environment...),
		Directory:   cell.Code,
		Namespaces:  c.isolation.Namespaces,
		Network:     c.cfg.Network,
		Code:        cell.code,
		TmpBytes:    max(int64(cell.memory)<<20/2, tmpBytesMin),
		Hidden:      c.cfg.Hidden,
		UID:         cell.uid,
		Channel:     p.Channel != nil,
		Bounds: []bound{
			{unix.RLIMIT_CORE, 0},
			{unix.RLIMIT_FSIZE, FileBytesMax},
			{unix.RLIMIT_NOFILE, OpenFilesMax},
		},
	}
	if c.isolation.Users || c.isolation.Namespaces {
		// The system counts processes by user, and by user namespace. Where a cell
		// has neither, it would count those of everybody else as well.
		o.Bounds = append(o.Bounds, bound{unix.RLIMIT_NPROC, ProcessesMax})
	}
	switch c.cfg.Network {
	case OutwardNetwork:
		o.Resolver = resolver(cell.names)
	case HostNetwork:
		text, _ := os.ReadFile(resolverFile) // without it nothing is shown
		o.Resolver = string(text)
	}
	if c.isolation.Groups == "" {
		o.Bounds = append(o.Bounds, bound{unix.RLIMIT_DATA, uint64(cell.memory+dataHeadroom) << 20})
	}
	return o
}

const (
	tmpBytesMin = 32 << 20
	// dataHeadroom is what an interpreter maps for itself and never touches, in
	// MiB. RLIMIT_DATA counts all that is mapped for writing, and not what is
	// used of it; RLIMIT_AS counts even what is only reserved, of which Node.js
	// takes hundreds of MiB.
	dataHeadroom = 64
)

// give sends the order.
func give(stdin io.WriteCloser, o order) error {
	err := json.NewEncoder(stdin).Encode(o)
	if errors.Is(err, syscall.EPIPE) {
		err = nil // the child has said what is wrong
	}
	return errors.Join(err, stdin.Close())
}

// Wait waits for the end of the program, and ends what it has left in the cell.
// It is called once, after Start.
func (cell *Cell) Wait() Exit {
	pid := cell.command.Process.Pid
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	cell.Kill()
	cell.mu.Lock()
	cell.command.Wait() // how it ended is asked for below
	cell.ended = true
	cell.mu.Unlock()
	cell.group.emptied(time.Now().Add(startPatience))
	cell.way.close()
	return Exit{Text: cell.command.ProcessState.String(), OutOfMemory: cell.group.outOfMemory()}
}

// Kill kills everything in the cell.
func (cell *Cell) Kill() {
	cell.mu.Lock()
	defer cell.mu.Unlock()
	if cell.ended {
		return
	}
	cell.measure()
	pid, c := cell.command.Process.Pid, cell.confiner
	syscall.Kill(pid, syscall.SIGKILL) // with namespaces it takes all the others with it
	cell.group.kill()
	if c.isolation.Namespaces {
		return
	}
	syscall.Kill(-pid, syscall.SIGKILL)
	if cell.uid != 0 {
		killAll(ownedBy(cell.uid))
	} else {
		killAll(c.leftover(c.marker(cell.name) + "\x00"))
	}
}

// Terminate asks the program to end.
func (cell *Cell) Terminate() {
	cell.mu.Lock()
	defer cell.mu.Unlock()
	if !cell.ended {
		cell.command.Process.Signal(syscall.SIGTERM)
	}
}

// Memory returns the most bytes that the cell has held, or that its program has
// where cells are not counted.
func (cell *Cell) Memory() int64 {
	cell.mu.Lock()
	defer cell.mu.Unlock()
	if !cell.ended {
		cell.measure()
	}
	return cell.peak
}

// measure keeps the peak. The caller holds mu, and the program's process number
// is still its own.
func (cell *Cell) measure() {
	peak, ok := cell.group.peak()
	if !ok {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cell.command.Process.Pid))
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		fields := strings.Fields(rest)
		if len(fields) > 0 {
			kib, _ := strconv.ParseInt(fields[0], 10, 64)
			peak = kib << 10
		}
	}
	cell.peak = max(cell.peak, peak)
}
