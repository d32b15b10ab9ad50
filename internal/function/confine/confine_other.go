//go:build !linux

package confine

import (
	"context"
	"net"
	"net/netip"
	"os"
)

// Confiner makes cells, on Linux.
type Confiner struct{}

// New returns ErrUnsupported.
func New(Config) (*Confiner, error) { return nil, ErrUnsupported }

// Enter returns: no process is started here to enter a cell.
func Enter() { entered.Store(true) }

// Isolation says that there is none.
func (*Confiner) Isolation() Isolation { return Isolation{} }

// CodeDirectory returns nothing.
func (*Confiner) CodeDirectory() string { return "" }

// Run returns when ctx ends.
func (*Confiner) Run(ctx context.Context) { <-ctx.Done() }

// NewCell returns ErrUnsupported.
func (*Confiner) NewCell(string, int) (*Cell, error) { return nil, ErrUnsupported }

// Cell is a place for one program, on Linux.
type Cell struct{ Code, Scratch string }

// Start returns ErrUnsupported.
func (*Cell) Start(context.Context, Program) error { return ErrUnsupported }

// Wait returns at once.
func (*Cell) Wait() Exit { return Exit{} }

// Kill does nothing.
func (*Cell) Kill() {}

// Terminate does nothing.
func (*Cell) Terminate() {}

// Memory returns 0.
func (*Cell) Memory() int64 { return 0 }

// Close does nothing.
func (*Cell) Close() error { return nil }

// Tap reads what a program writes, on Linux.
type Tap struct{}

// NewTap returns ErrUnsupported.
func NewTap(func([]byte)) (*Tap, error) { return nil, ErrUnsupported }

// Output returns nothing.
func (*Tap) Output() *os.File { return nil }

// Started does nothing.
func (*Tap) Started() {}

// Run returns at once.
func (*Tap) Run() {}

// Drain returns at once.
func (*Tap) Drain() {}

// Close does nothing.
func (*Tap) Close() {}

// NewChannel returns ErrUnsupported.
func NewChannel() (net.Conn, *os.File, error) { return nil, nil, ErrUnsupported }

// Dial returns ErrUnsupported.
func (*Cell) Dial(context.Context, string) (net.Conn, error) { return nil, ErrUnsupported }

// Listen returns ErrUnsupported.
func (*Cell) Listen(uint16) (net.Listener, error) { return nil, ErrUnsupported }

// Here returns no address.
func (*Cell) Here() netip.Addr { return netip.Addr{} }
