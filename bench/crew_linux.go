package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// crew makes the starts of many clients on one thread. A goroutine for each of
// them would cost as much again as what it sends and reads.
type crew struct {
	poll   int
	events []unix.EpollEvent
	by     map[int32]*thin // by file
	free   []*thin         // that have no start under way, for the longest time first
}

// newCrew takes clients over. It is closed before they are.
func newCrew(clients []*thin) (*crew, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("watch connections: %w", err)
	}
	c := &crew{poll: poll, events: make([]unix.EpollEvent, len(clients)), by: map[int32]*thin{}}
	for i, client := range clients {
		client.index, client.in = i, client.in[:0]
		event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(client.file)}
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, client.file, &event); err != nil {
			c.close()
			return nil, fmt.Errorf("watch a connection: %w", err)
		}
		c.by[event.Fd] = client
	}
	c.free = append(c.free, clients...)
	return c, nil
}

func (c *crew) close() { unix.Close(c.poll) }

// send has a free client send a start that was to be sent at a time.
func (c *crew) send(at time.Duration) error {
	client := c.free[0]
	c.free = c.free[1:]
	client.at = at
	request := client.request(numbers.Add(1))
	// There is always room for a request where there is none under way.
	n, err := unix.Write(client.file, request)
	if err == nil && n < len(request) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("send a start: %w", err)
	}
	return nil
}

// receive waits for answers, but no longer than it is told to, and tells take of
// each. Their clients are free then.
func (c *crew) receive(wait time.Duration, take func(at time.Duration, v verdict)) error {
	n, err := unix.EpollWait(c.poll, c.events, int(wait.Milliseconds()))
	if errors.Is(err, unix.EINTR) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("wait for answers: %w", err)
	}
	for _, event := range c.events[:n] {
		if err := c.read(c.by[event.Fd], take); err != nil {
			return fmt.Errorf("read the answer of a start: %w", err)
		}
	}
	return nil
}

// read reads what has come for a client.
func (c *crew) read(client *thin, take func(at time.Duration, v verdict)) error {
	had := len(client.in)
	n, err := unix.Read(client.file, client.in[had:cap(client.in)])
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return io.ErrUnexpectedEOF
	}
	client.in = client.in[:had+n]
	a, whole, err := readAnswer(client.in)
	if err != nil || !whole {
		return err
	}
	v, err := a.verdict()
	if err != nil {
		return err
	}
	take(client.at, v)
	client.in = client.in[:0]
	c.free = append(c.free, client)
	return nil
}
