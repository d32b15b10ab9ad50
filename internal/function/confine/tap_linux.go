package confine

import (
	"errors"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	tapBytes = 32 << 10
	// drainMax bounds how much Drain reads of a program that never stops to write.
	drainMax = 64 * tapBytes
)

// Tap reads what a program writes, as it comes.
type Tap struct {
	ours   *os.File
	theirs *os.File

	mu     sync.Mutex // held while something is read and handed on, so that Drain comes after it
	buffer []byte     // guarded by mu
	take   func(text []byte)
}

// NewTap returns a tap that hands what it reads to take, which must not keep it.
func NewTap(take func(text []byte)) (*Tap, error) {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &Tap{ours: ours, theirs: theirs, buffer: make([]byte, tapBytes), take: take}, nil
}

// Output is where the program writes. It is closed by Started.
func (t *Tap) Output() *os.File { return t.theirs }

// Started is called once the program has its output, or never will.
func (t *Tap) Started() { t.theirs.Close() }

// Run reads until everybody who can write has ended, or Close.
func (t *Tap) Run() {
	connection, err := t.ours.SyscallConn()
	if err != nil {
		return
	}
	connection.Read(func(fd uintptr) (done bool) {
		for {
			n, err := t.read(int(fd))
			switch {
			case errors.Is(err, unix.EAGAIN):
				return false
			case err != nil || n == 0:
				return true
			}
		}
	})
}

// read reads once, without waiting, and hands on what came.
func (t *Tap) read(fd int) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, err := unix.Read(fd, t.buffer)
	for err == unix.EINTR {
		n, err = unix.Read(fd, t.buffer)
	}
	if n > 0 {
		t.take(t.buffer[:n])
	}
	return n, err
}

// Drain returns when all has been handed on that was written before it was
// called. It goes on in parallel with Run.
func (t *Tap) Drain() {
	connection, err := t.ours.SyscallConn()
	if err != nil {
		return
	}
	connection.Control(func(fd uintptr) {
		for total := 0; total < drainMax; {
			n, err := t.read(int(fd))
			if err != nil || n == 0 {
				return
			}
			total += n
		}
	})
}

// Close ends Run.
func (t *Tap) Close() { t.ours.Close() }

// NewChannel returns the two ends of a connection that nobody else can reach:
// this process's, and the one that a Program gets. The caller closes both.
func NewChannel() (net.Conn, *os.File, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "channel"), os.NewFile(uintptr(ends[1]), "channel")
	defer ours.Close() // FileConn makes one of its own
	connection, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return connection, theirs, nil
}
