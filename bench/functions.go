package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
)

// The functions that the graphs call. Both return their input; a call of the
// last one tells the client that started the execution.
const (
	stepURN = "urn:fss:local:" + project + ":function:default:step"
	lastURN = "urn:fss:local:" + project + ":function:default:last"

	stepPath = "/step"
	lastPath = "/last"
)

// functions is the endpoint of the functions. It lives in the process of the
// clients, which so see when the last call of an execution arrives without
// asking the server that is being measured.
type functions struct {
	url     string
	server  *http.Server
	arrived [connectionsMax]chan int64 // by client: the numbers of executions whose last call came
}

// input is what an execution starts with and every function gets.
type input struct {
	Client int   `json:"client"`
	Number int64 `json:"number"`
}

func newFunctions() (*functions, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &functions{url: "http://" + listener.Addr().String()}
	for i := range f.arrived {
		f.arrived[i] = make(chan int64, 1)
	}
	f.server = &http.Server{Handler: f}
	go f.server.Serve(listener)
	return f, nil
}

func (f *functions) close() { f.server.Close() }

// ServeHTTP answers with the input.
func (f *functions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var in input
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil || in.Client < 0 || in.Client >= len(f.arrived) {
		http.Error(w, "the body is not one that a client of this run sends", http.StatusBadRequest)
		return
	}
	if r.URL.Path == lastPath {
		f.tell(in)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// tell lets the client know. A number that nobody took, of a run that was
// broken off, makes room for the new one.
func (f *functions) tell(in input) {
	for {
		select {
		case f.arrived[in.Client] <- in.Number:
			return
		default:
		}
		select {
		case <-f.arrived[in.Client]:
		default:
		}
	}
}
