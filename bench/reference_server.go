package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// referenceRole is the first argument with which this program runs itself as
// the reference server: what HTTP costs on this machine with nothing behind it.
// Like Heddle it is a process of its own and runs on net/http.
const referenceRole = "reference-server"

// The paths of the reference server.
const (
	echoPath = "/echo"  // answers with the body
	callPath = "/call/" // calls a function as often as the path's end says, then answers
)

// serveReference serves until standard input ends, which it does when the
// program that started it does. It prints its address.
func serveReference(function string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Println("http://" + listener.Addr().String()); err != nil {
		return err
	}
	step, err := newRequest(http.MethodPost, function)
	if err != nil {
		return err
	}
	caller := relay{newWire(), step}
	mux := http.NewServeMux()
	mux.HandleFunc(echoPath, echo)
	for _, g := range []graph{oneCall, fiveCalls} {
		mux.HandleFunc(referencePath(g), caller.handler(g.calls))
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		listener.Close()
	}()
	http.Serve(listener, mux) // always ends with an error: that of the closed listener
	return nil
}

// referencePath is where the reference server does what an execution of the
// graph does at least.
func referencePath(g graph) string {
	if g.calls == 0 {
		return echoPath
	}
	return fmt.Sprintf("%s%d", callPath, g.calls)
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection is broken
	}
	answer(w, body)
}

func answer(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// relay is the bare caller: it makes the calls that an execution would make
// and keeps nothing.
type relay struct {
	wire     wire
	function *http.Request
}

func (c relay) handler(calls int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the connection is broken
		}
		for range calls {
			var result bytes.Buffer
			if err := c.wire.send(r.Context(), c.function, body, &result); err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			body = result.Bytes()
		}
		answer(w, body)
	}
}
