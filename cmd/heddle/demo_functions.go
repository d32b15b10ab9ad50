package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"heddle/examples/functions"
)

// functionServer serves the functions of the examples.
type functionServer struct {
	address string // host:port
	http    *http.Server
	ended   chan struct{}
}

// startFunctions serves on a free port of the loopback interface.
func startFunctions() (*functionServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the functions: %w", err)
	}
	s := &functionServer{
		address: listener.Addr().String(),
		http:    &http.Server{Handler: functions.Handler(), ReadHeaderTimeout: 5 * time.Second},
		ended:   make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		s.http.Serve(listener) // without the functions their calls fail, and the history says so
	}()
	return s, nil
}

// stop ends the server and waits until it has ended.
func (s *functionServer) stop() {
	s.http.Close()
	<-s.ended
}
