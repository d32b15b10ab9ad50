package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// reference is the reference server as the clients see it.
type reference struct {
	url     string
	process *exec.Cmd
	stdin   io.Closer // whose end ends the process
	wire    wire
}

func (b *bench) newReference() (*reference, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.Command(self, referenceRole, b.functions.url+stepPath)
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start the reference server: %w", err)
	}
	r := &reference{process: process, stdin: stdin, wire: newWire()}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	r.url = strings.TrimSpace(line)
	if err == nil {
		_, err = url.ParseRequestURI(r.url)
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("read the address of the reference server: %w", err)
	}
	return r, nil
}

func (r *reference) close() {
	r.wire.close()
	r.stdin.Close()
	r.process.Wait()
}

// requester is a client of the reference server.
type requester struct {
	wire    wire
	graph   graph
	index   int
	request *http.Request
	answer  bytes.Buffer
}

func newRequester(r *reference, g graph, index int) (*requester, error) {
	request, err := newRequest(http.MethodPost, r.url+referencePath(g))
	return &requester{wire: r.wire, graph: g, index: index, request: request}, err
}

// call sends what a start would send, or to the bare caller the input alone.
func (c *requester) call(ctx context.Context, number int64) (sample, error) {
	body := appendStart(nil, c.index, number)
	if c.graph.calls > 0 {
		var err error
		if body, err = json.Marshal(input{c.index, number}); err != nil {
			return sample{}, err
		}
	}
	began := time.Now()
	err := c.wire.send(ctx, c.request, body, &c.answer)
	return sample{answer: time.Since(began)}, err
}

func (c *requester) settle(context.Context) error { return nil }
