package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"heddle/internal/client"
)

// server is a Heddle that this program started, on a data directory of its own.
type server struct {
	dir       string
	url       string
	command   []string
	process   *exec.Cmd     // nil when it does not run
	ended     chan struct{} // closed when process has ended
	wire      wire
	api       *client.Client
	functions *functions
	started   map[string]int64 // executions that the server acknowledged, by graph
	schema    *schema          // in PostgreSQL, or nil
}

// setup is how a server runs.
type setup struct {
	wrapper  []string // a command that runs the one behind it in the same process, or nil
	postgres bool     // it keeps everything in PostgreSQL, not in SQLite
}

// How long a server may take to be ready, also with a large store, and to stop.
const (
	readyMax = 30 * time.Second
	stopMax  = 20 * time.Second
)

// newServer starts Heddle on a fresh store, with the graphs in it.
func (b *bench) newServer(ctx context.Context, how setup, graphs ...graph) (s *server, err error) {
	b.servers++
	dir := filepath.Join(b.dir, fmt.Sprintf("server-%d", b.servers))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "heddle.yaml")
	text := fmt.Sprintf("functions:\n  - urn: %s\n    url: %s\n  - urn: %s\n    url: %s\n",
		stepURN, b.functions.url+stepPath, lastURN, b.functions.url+lastPath)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s = &server{
		dir: dir, url: "http://" + address,
		command:   slices.Concat(how.wrapper, []string{b.binary, "serve", "--listen", address, "--data-dir", filepath.Join(dir, "data"), "--config", config}),
		wire:      newWire(),
		functions: b.functions,
		started:   map[string]int64{},
	}
	defer func() {
		if err != nil {
			s.remove()
		}
	}()
	if how.postgres {
		if s.schema, err = newSchema(ctx, b.postgres, fmt.Sprintf("heddle_bench_%d_%d", os.Getpid(), b.servers)); err != nil {
			return nil, err
		}
		s.command = append(s.command, "--store", s.schema.url)
	}
	if s.api, err = client.New(client.Config{Server: s.url, Project: project, Transport: s.wire.transport}); err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	if err := s.awaitReady(ctx); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, s.log())
	}
	for _, g := range graphs {
		if _, err := s.api.CreateGraph(ctx, client.NewGraph{Name: g.Name, Definition: g.definition}); err != nil {
			return nil, fmt.Errorf("create graph %s: %w", g.Name, err)
		}
	}
	return s, nil
}

// freeAddress returns a loopback address on which nobody listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// start starts the process and does not wait until it serves.
func (s *server) start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	process := exec.Command(s.command[0], s.command[1:]...)
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		return fmt.Errorf("start heddle: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		process.Wait()
		close(ended)
	}()
	s.process, s.ended = process, ended
	return nil
}

func (s *server) awaitReady(ctx context.Context) error {
	request, err := newRequest(http.MethodGet, s.url+"/readyz")
	if err != nil {
		return err
	}
	var answer bytes.Buffer
	return s.untilAnswered(ctx, func(ctx context.Context) error {
		return s.wire.send(ctx, request, nil, &answer)
	})
}

// untilAnswered makes a call again and again until it succeeds.
func (s *server) untilAnswered(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyMax)
	defer cancel()
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	for {
		err := call(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pause.C:
		case <-s.ended:
			return errors.New("heddle ended before it served")
		case <-ctx.Done():
			return fmt.Errorf("heddle does not serve: %w", err)
		}
	}
}

// kill ends the process without warning.
func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	s.process = nil
	s.wire.close()
}

// remove ends the process, if it runs, and removes what it has stored.
func (s *server) remove() {
	if s.process != nil {
		s.signal(syscall.SIGTERM)
	}
	s.wire.close()
	os.RemoveAll(s.dir)
	if s.schema != nil {
		s.schema.drop()
	}
}

// signal sends the signal and waits for the end, which SIGKILL brings about if
// nothing else does.
func (s *server) signal(signal os.Signal) {
	s.process.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(stopMax):
		s.process.Process.Kill()
		<-s.ended
	}
}

// log returns the last lines of what the server has written.
func (s *server) log() string {
	const size = 2000
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-size):])
}
