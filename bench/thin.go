package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// thin is a client of one connection that does no more than it must: under
// overload the clients must not take the processors that the server needs. A crew
// writes and reads for many of them.
type thin struct {
	file  int           // of the connection
	index int           // tells it from others of its crew
	head  []byte        // of every request, up to the value of Content-Length
	out   []byte        // what is sent
	body  []byte        // of that
	in    []byte        // what has come of an answer
	at    time.Duration // when the start under way was to be sent
}

// verdict is what became of a start.
type verdict int

const (
	accepted verdict = iota
	refused          // nothing has happened, and the answer says when to try again
)

// answerMax is far longer than any answer to a start.
const answerMax = 4096

// newThins returns so many clients that start executions of the pass graph in a
// project. The caller closes them, also those before one that could not connect.
func newThins(address, project string, n int) (all []*thin, err error) {
	for range n {
		c, err := newThin(address, project, pass)
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, nil
}

func closeThins(all []*thin) {
	for _, c := range all {
		c.close()
	}
}

// newThin connects to a server whose executions of the graph it will start.
func newThin(address, project string, g graph) (*thin, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &thin{in: make([]byte, 0, answerMax)}
	// A file of its own: of the connection's own Go is told of all that comes.
	var failure error
	err = raw.Control(func(fd uintptr) { c.file, failure = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err := errors.Join(err, failure); err != nil {
		return nil, err
	}
	c.head = fmt.Appendf(nil, "POST /v1.0/%s/cloud_graphs/%s/executions/action HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: ",
		project, graphURNIn(project, g), u.Host)
	return c, nil
}

func (c *thin) close() { unix.Close(c.file) }

// request returns what is to be sent for a start.
func (c *thin) request(number int64) []byte {
	c.body = appendStart(c.body[:0], c.index, number)
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(c.body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, c.body...)
	return c.out
}

// thinAnswer is what a start is answered.
type thinAnswer struct {
	status     int
	retryAfter bool
	body       []byte
}

// verdict reports what became of the start. Any answer that is neither an
// acknowledgement nor a clean refusal is an error.
func (a thinAnswer) verdict() (verdict, error) {
	switch {
	case a.status == 200:
		return accepted, nil
	case a.retryAfter && (a.status == 503 && bytes.Contains(a.body, []byte(`"FGS.9004"`)) || a.status == 429 && bytes.Contains(a.body, []byte(`"FGS.9003"`))):
		return refused, nil
	}
	return 0, fmt.Errorf("a start was answered %d %.200s", a.status, a.body)
}

// readAnswer reads an answer that has a length, as those of the API have, if the
// whole of it has come. It looks at the header lines as the server writes them.
func readAnswer(text []byte) (a thinAnswer, whole bool, err error) {
	head, rest, ok := bytes.Cut(text, []byte("\r\n\r\n"))
	if !ok {
		return a, false, nil
	}
	line, lines, _ := bytes.Cut(head, []byte("\r\n"))
	if len(line) < len("HTTP/1.1 200") {
		return a, false, fmt.Errorf("the status line is %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, false, err
	}
	length := -1
	for len(lines) > 0 {
		line, lines, _ = bytes.Cut(lines, []byte("\r\n"))
		if value, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return a, false, err
			}
		}
		a.retryAfter = a.retryAfter || bytes.HasPrefix(line, []byte("Retry-After: "))
	}
	if length < 0 || len(rest) > length {
		return a, false, errors.New("the answer has no length, or is longer than it says")
	}
	a.body = rest
	return a, len(rest) == length, nil
}
