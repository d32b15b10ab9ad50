package process

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
)

// frames is the conversation with node.cjs and python.py: frames over a channel
// that only the two ends have. A frame is its length in four bytes, a header as
// one line of JSON, and what the header is about.
type frames struct {
	spec        function.Spec
	root        string
	resultBytes int
	channel     net.Conn
	reader      *bufio.Reader
	closing     sync.Once
}

// headerBytesMax bounds a frame beside the result that it may carry.
const headerBytesMax = 64 << 10

// newFrames gives the program its end of a channel.
func newFrames(cfg Config, s function.Spec, cell *confine.Cell, p *confine.Program) (*frames, error) {
	channel, theirs, err := confine.NewChannel()
	if err != nil {
		return nil, fmt.Errorf("make a channel: %w", err)
	}
	p.Channel = theirs
	return &frames{spec: s, root: cell.Code, resultBytes: cfg.ResultBytes, channel: channel, reader: bufio.NewReader(channel)}, nil
}

// about is what a program is told of its function.
type about struct {
	Kind           string            `json:"kind"` // function
	Root           string            `json:"root"`
	Handler        string            `json:"handler"`
	Initializer    string            `json:"initializer,omitempty"`
	InitializerMS  int64             `json:"initializer_ms"`
	Name           string            `json:"name"`
	Version        string            `json:"version"`
	Package        string            `json:"package"`
	Project        string            `json:"project"`
	MemoryMiB      int               `json:"memory_mib"`
	CPU            int               `json:"cpu_millicores"`
	TimeoutSeconds int               `json:"timeout_seconds"`
	ResultBytes    int               `json:"result_bytes"`
	UserData       map[string]string `json:"user_data"`
}

// invocation is what it is told of a call; the event follows.
type invocation struct {
	Kind        string            `json:"kind"` // call
	RequestID   string            `json:"request_id"`
	RemainingMS int64             `json:"remaining_ms"`
	Headers     map[string]string `json:"headers"`
}

// reply is what it says.
type reply struct {
	Kind    string `json:"kind"` // ready, result, error, unwritable, oversize
	Type    string `json:"type"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
	Failure string `json:"failure"` // name that the error asks for
	Bytes   int    `json:"bytes"`
	Fatal   bool   `json:"fatal"`
}

// failureNames are those that an error can ask for.
var failureNames = []string{
	function.PermissionError, function.ParameterError, function.NotFound, function.TooManyRequests,
	function.FunctionStageUnavailable, function.FunctionStageOtherErrors, function.Timeout,
}

func (f *frames) start(ctx context.Context) (*function.Failure, error) {
	s := f.spec
	got, _, err := f.exchange(ctx, about{
		Kind: "function", Root: f.root, Handler: s.Handler,
		Initializer: s.InitializerHandler, InitializerMS: s.InitializerTimeout.Milliseconds(),
		Name: s.Name, Version: s.Version, Package: s.Package, Project: s.Project,
		MemoryMiB: s.MemoryMiB, CPU: millicores(s), TimeoutSeconds: int(s.Timeout / time.Second),
		ResultBytes: f.resultBytes, UserData: userData(s),
	}, "")
	if err != nil {
		return nil, err
	}
	if got.Kind == "ready" {
		return nil, nil
	}
	failure := got.failure()
	failure.Message = "the function cannot be loaded: " + failure.Message
	return failure, nil
}

func (f *frames) call(ctx context.Context, r function.Request, remaining time.Duration) (function.Result, error) {
	header := make(http.Header)
	r.AddHeaders(header)
	headers := make(map[string]string, len(header))
	for name := range header {
		headers[strings.ToLower(name)] = header.Get(name)
	}
	got, output, err := f.exchange(ctx, invocation{
		Kind: "call", RequestID: r.InvocationID, RemainingMS: remaining.Milliseconds(), Headers: headers,
	}, r.Input)
	switch {
	case err != nil:
		return function.Result{}, err
	case got.Kind == "result":
		return function.Result{Output: output}, nil
	case got.Kind == "unwritable":
		return function.Result{Failure: failed(function.ActionFailed, "the result cannot be written as JSON: %s", got.Message)}, nil
	case got.Kind == "oversize":
		return function.Result{Failure: failed(function.ActionFailed, "the result has %d bytes; %d are allowed", got.Bytes, f.resultBytes)}, nil
	case got.Kind != "error":
		return function.Result{}, fmt.Errorf("the instance answered with a frame of the kind %q", got.Kind)
	}
	result := function.Result{Failure: got.failure()}
	if got.Fatal {
		return result, errSpent
	}
	return result, nil
}

// failure is what the function's code has thrown. An error may ask for a name of
// its own, so that a graph can tell it from others.
func (r reply) failure() *function.Failure {
	f := &function.Failure{Name: function.ActionFailed, Message: r.Message, Thrown: true, Type: r.Type, Stack: r.Stack}
	if slices.Contains(failureNames, r.Failure) {
		f.Name = r.Failure
	}
	return f
}

// exchange sends a frame and reads the answer. The end of ctx breaks it off, and
// nothing can be exchanged any more.
func (f *frames) exchange(ctx context.Context, header any, body string) (reply, string, error) {
	stop := context.AfterFunc(ctx, f.close)
	defer stop()
	if err := f.send(header, body); err != nil {
		return reply{}, "", fmt.Errorf("send to an instance: %w", err)
	}
	got, output, err := f.receive()
	if err != nil {
		return reply{}, "", fmt.Errorf("receive from an instance: %w", err)
	}
	return got, output, nil
}

func (f *frames) send(header any, body string) error {
	line, err := json.Marshal(header)
	if err != nil {
		return err
	}
	frame := make([]byte, 4, 4+len(line)+1+len(body))
	binary.BigEndian.PutUint32(frame, uint32(len(line)+1+len(body)))
	frame = append(append(append(frame, line...), '\n'), body...)
	_, err = f.channel.Write(frame)
	return err
}

func (f *frames) receive() (reply, string, error) {
	var length [4]byte
	if _, err := io.ReadFull(f.reader, length[:]); err != nil {
		return reply{}, "", err
	}
	n := int(binary.BigEndian.Uint32(length[:]))
	if n > f.resultBytes+headerBytesMax {
		return reply{}, "", fmt.Errorf("a frame of %d bytes is too long", n)
	}
	content := make([]byte, n)
	if _, err := io.ReadFull(f.reader, content); err != nil {
		return reply{}, "", err
	}
	line, output, ok := bytes.Cut(content, []byte{'\n'})
	if !ok {
		return reply{}, "", errors.New("a frame has no header")
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, "", err
	}
	return r, string(output), nil
}

func (f *frames) close() { f.closing.Do(func() { f.channel.Close() }) }
