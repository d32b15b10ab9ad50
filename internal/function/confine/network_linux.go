package confine

import (
	"context"
	"fmt"
	"net"
	"runtime"

	"golang.org/x/sys/unix"
)

// Dial connects to an address of the loopback interface that the program in the
// cell sees.
func (cell *Cell) Dial(ctx context.Context, address string) (connection net.Conn, err error) {
	err = cell.inNetwork(func() error {
		connection, err = new(net.Dialer).DialContext(ctx, "tcp", address)
		return err
	})
	return connection, err
}

// Listen listens on an address of the loopback interface that the program in the
// cell sees. If that is a network of its own, Listen is called from Before on.
func (cell *Cell) Listen(address string) (listener net.Listener, err error) {
	err = cell.inNetwork(func() error {
		listener, err = net.Listen("tcp", address)
		return err
	})
	return listener, err
}

// inNetwork calls f where sockets that it makes belong to the cell's network.
func (cell *Cell) inNetwork(f func() error) error {
	if !cell.confiner.cfg.Isolated {
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
