package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"heddle/examples/endpoints"
)

// endpointServer serves the functions of the examples, for where they cannot run.
type endpointServer struct {
	address string // host:port
	http    *http.Server
	ended   chan struct{}
}

// startEndpoints serves on a free port of the loopback interface.
func startEndpoints() (*endpointServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the endpoints: %w", err)
	}
	s := &endpointServer{
		address: listener.Addr().String(),
		http:    &http.Server{Handler: endpoints.Handler(), ReadHeaderTimeout: 5 * time.Second},
		ended:   make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		s.http.Serve(listener) // without the functions their calls fail, and the history says so
	}()
	return s, nil
}

// stop ends the server and waits until it has ended.
func (s *endpointServer) stop() {
	s.http.Close()
	<-s.ended
}
