package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// thin is a client of one connection that does no more than it must: under
// overload the clients must not take the processors that the server needs.
type thin struct {
	conn   net.Conn
	reader *bufio.Reader
	head   []byte // of every request, up to the value of Content-Length
	out    []byte
	body   []byte
}

// verdict is what became of a start.
type verdict int

const (
	accepted verdict = iota
	refused          // nothing has happened, and the answer says when to try again
)

// answerMax is far longer than any answer to a start.
const answerMax = 4096

// newThin connects to a server whose executions of the graph it will start.
func newThin(address string, g graph) (*thin, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("POST /v1.0/%s/cloud_graphs/%s/executions/action HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: ",
		project, graphURN(g), u.Host)
	return &thin{conn: conn, reader: bufio.NewReaderSize(conn, answerMax), head: []byte(head)}, nil
}

func (c *thin) close() { c.conn.Close() }

// within makes calls fail that are not over after the time. It is not set for
// each call, since that would cost what a call does.
func (c *thin) within(d time.Duration) { c.conn.SetDeadline(time.Now().Add(d)) }

// start starts an execution, and reports what became of that. Any answer that
// is neither an acknowledgement nor a clean refusal is an error.
func (c *thin) start(index int, number int64) (verdict, error) {
	c.body = appendStart(c.body[:0], index, number)
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(c.body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, c.body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, fmt.Errorf("send a start: %w", err)
	}
	a, err := readAnswer(c.reader)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the answer of a start: %w", err)
	case a.status == 200:
		return accepted, nil
	case a.retryAfter && (a.status == 503 && bytes.Contains(a.body, []byte(`"FGS.9004"`)) || a.status == 429 && bytes.Contains(a.body, []byte(`"FGS.9003"`))):
		return refused, nil
	}
	return 0, fmt.Errorf("a start was answered %d %.200s", a.status, a.body)
}

// thinAnswer is what a start is answered.
type thinAnswer struct {
	status     int
	retryAfter bool
	body       []byte // until the next answer is read
}

// readAnswer reads an answer that has a length, as those of the API have. It
// looks at the header lines as the server writes them.
func readAnswer(r *bufio.Reader) (a thinAnswer, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return a, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return a, fmt.Errorf("the status line is %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, err
	}
	length := -1
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return a, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		}
		a.retryAfter = a.retryAfter || bytes.HasPrefix(line, []byte("Retry-After: "))
	}
	if length < 0 || length > answerMax {
		return a, errors.New("the answer has no length, or a great one")
	}
	if a.body, err = r.Peek(length); err != nil {
		return a, io.ErrUnexpectedEOF
	}
	_, err = r.Discard(length)
	return a, err
}
