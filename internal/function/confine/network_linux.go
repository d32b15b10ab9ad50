package confine

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"

	"heddle/internal/function/gate"
)

// Dial connects to an address of the loopback interface that the program in the
// cell sees.
func (cell *Cell) Dial(ctx context.Context, address string) (connection net.Conn, err error) {
	if cell.way != nil {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return nil, err
		}
		return cell.way.gate.Dial(ctx, to)
	}
	err = cell.inNetwork(func() error {
		connection, err = new(net.Dialer).DialContext(ctx, "tcp", address)
		return err
	})
	return connection, err
}

// Listen listens on a port that the program in the cell reaches, at Here. If it has
// a network of its own, Listen is called from Before on.
func (cell *Cell) Listen(port uint16) (listener net.Listener, err error) {
	if cell.way != nil {
		return cell.way.gate.Listen(port)
	}
	err = cell.inNetwork(func() error {
		listener, err = net.Listen("tcp", netip.AddrPortFrom(cell.Here(), port).String())
		return err
	})
	return listener, err
}

// Here is the address of this process, for the program in the cell.
func (cell *Cell) Here() netip.Addr {
	if cell.confiner.cfg.Network == OutwardNetwork {
		return gate.Here
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// way is what passes on what a cell sends out, as long as it lives.
type way struct {
	gate  *gate.Gate
	end   context.CancelFunc
	ended chan struct{}
}

// openWay takes the device of the cell, and lets its program begin.
func (cell *Cell) openWay(p Program, out *door) error {
	device, err := out.take()
	if device == nil {
		return err // without one, the child has said what is wrong
	}
	cfg := gate.Config{Dial: cell.confiner.cfg.Outside, Names: cell.names, Refused: p.Refused}
	g, err := gate.New(device, cfg)
	if err != nil {
		device.Close()
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cell.way = &way{gate: g, end: cancel, ended: make(chan struct{})}
	go func() { defer close(cell.way.ended); g.Run(ctx) }()
	if p.Before != nil {
		if err := p.Before(); err != nil {
			return err
		}
	}
	out.open()
	return nil
}

func (w *way) close() {
	if w != nil {
		w.end()
		<-w.ended
	}
}

// inNetwork calls f where sockets that it makes belong to the cell's network.
func (cell *Cell) inNetwork(f func() error) error {
	if cell.confiner.cfg.Network == HostNetwork {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		// The thread ends with this goroutine: nobody else gets into that network.
		runtime.LockOSThread()
		done <- cell.enterNetwork(f)
	}()
	return <-done
}

func (cell *Cell) enterNetwork(f func() error) error {
	cell.mu.Lock()
	if cell.ended || cell.command == nil {
		cell.mu.Unlock()
		return fmt.Errorf("enter the network of a cell: %w", unix.ESRCH)
	}
	network, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", cell.command.Process.Pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	cell.mu.Unlock()
	if err != nil {
		return fmt.Errorf("enter the network of a cell: %w", err)
	}
	defer unix.Close(network)
	if err := unix.Setns(network, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the network of a cell: %w", err)
	}
	return f()
}
