package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"time"

	"heddle/internal/client"
)

// runtimeFigures say what it costs to have a function run by the server instead
// of by a bare HTTP server in the same language.
type runtimeFigures struct {
	Runtime   string    `json:"runtime"`
	Warm      quantiles `json:"warm"`      // of an invocation in an instance that is there
	BareWarm  quantiles `json:"bare_warm"` // of the same handler's bare server
	Cold      quantiles `json:"cold"`      // of the first invocation of a function
	BareCold  quantiles `json:"bare_cold"` // from the start of the bare server to its first answer
	WarmCalls int       `json:"warm_calls"`
}

// language is a runtime, the same handler for it twice, and how to run the bare
// one, which takes its port as its argument.
type language struct {
	runtime     string
	interpreter string
	option      string
	where       string // prints where the interpreter is: what is found may be a script that looks for it
	handler     string
	bare        string
	path        string // of the interpreter
}

//go:embed testdata/bare.js
var bareNode string

//go:embed testdata/bare.py
var barePython string

var languages = []language{
	{"Node.js", "node", "-e", "process.stdout.write(process.execPath)", "exports.handler = async (event, context) => ({ ...event, seen: true });", bareNode, ""},
	{"Python", "python3", "-c", "import sys; sys.stdout.write(sys.executable)", "def handler(event, context):\n    return {**event, 'seen': True}\n", barePython, ""},
}

const (
	warmCalls  = 2000 // of a round
	warmFirst  = 200  // that do not count: interpreters compile what runs often
	coldStarts = 10
	functionIn = `{"item":"loom","count":3}`
)

// measureRuntimes calls one function at a time, in turn with its reference.
func (b *bench) measureRuntimes(ctx context.Context, r *results) error {
	s, err := b.newServer(ctx, setup{})
	if err != nil {
		return err
	}
	defer s.remove()
	for _, l := range languages {
		path, err := exec.CommandContext(ctx, l.interpreter, l.option, l.where).Output()
		if err != nil {
			b.progress("  %s is not installed", l.interpreter)
			continue
		}
		l.path = string(path)
		figures, err := b.measureRuntime(ctx, s, l)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", l.runtime, err, s.log())
		}
		r.Runtimes = append(r.Runtimes, figures)
	}
	return nil
}

func (b *bench) measureRuntime(ctx context.Context, s *server, l language) (runtimeFigures, error) {
	f := runtimeFigures{Runtime: l.runtime, WarmCalls: warmCalls}
	var cold, bareCold []time.Duration
	var called, bare *target
	// The first finds out which interpreters there are, and does not count.
	for n := range coldStarts + 1 {
		began := time.Now()
		started, err := startBare(ctx, l)
		if err != nil {
			return f, err
		}
		bareCold = append(bareCold, time.Since(began))
		if bare != nil {
			bare.end()
		}
		bare = started
		if called, err = deployed(ctx, s, l, n); err != nil {
			return f, err
		}
		began = time.Now()
		if err := called.call(ctx); err != nil {
			return f, err
		}
		cold = append(cold, time.Since(began))
	}
	defer bare.end()
	f.Cold, f.BareCold = quantilesOf(cold[1:]), quantilesOf(bareCold[1:])
	var warm, bareWarm []time.Duration
	for range b.plan.rounds {
		for _, m := range []struct {
			target *target
			times  *[]time.Duration
		}{{bare, &bareWarm}, {called, &warm}} {
			for n := range warmFirst + warmCalls {
				began := time.Now()
				if err := m.target.call(ctx); err != nil {
					return f, err
				}
				if n >= warmFirst {
					*m.times = append(*m.times, time.Since(began))
				}
			}
		}
	}
	f.Warm, f.BareWarm = quantilesOf(warm), quantilesOf(bareWarm)
	return f, nil
}

// target is where calls go, and what ends it.
type target struct {
	url string
	web *http.Transport
	end func()
}

// deployed stores a function, and so one without an instance.
func deployed(ctx context.Context, s *server, l language, n int) (*target, error) {
	created, err := s.api.CreateFunction(ctx, client.FunctionConfig{
		Name: fmt.Sprintf("bench-%s-%d", l.interpreter, n), Package: "default", Runtime: l.runtime,
		Handler: "index.handler", Timeout: 30, MemorySize: 128,
	}, client.FunctionCode{Type: "inline", File: []byte(l.handler)})
	if err != nil {
		return nil, err
	}
	return &target{
		url: s.url + "/v2/" + project + "/fgs/functions/" + created.URN + "/invocations",
		web: s.wire.transport, end: func() {},
	}, nil
}

// startBare starts the bare server and returns when it has answered.
func startBare(ctx context.Context, l language) (*target, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	process := exec.Command(l.path, l.option, l.bare, port)
	if err := process.Start(); err != nil {
		return nil, err
	}
	t := &target{url: "http://" + address + "/", web: newWire().transport, end: func() {
		process.Process.Kill()
		process.Wait()
	}}
	for until := time.Now().Add(readyMax); ; {
		if err = t.call(ctx); err == nil {
			return t, nil
		}
		if time.Now().After(until) || ctx.Err() != nil {
			t.end()
			return nil, fmt.Errorf("the bare server in %s does not answer: %w", l.runtime, err)
		}
		time.Sleep(time.Millisecond)
	}
}

func (t *target) call(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader([]byte(functionIn)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := t.web.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"seen"`))) {
		err = errors.New(response.Status + ": " + string(answer))
	}
	return err
}

// warmRatio is how much longer a warm invocation takes than the bare server.
func (f runtimeFigures) warmRatio() float64 { return f.Warm.P50 / f.BareWarm.P50 }

func writeRuntimes(w io.Writer, all []runtimeFigures) {
	t := newTable(w, "Functions that run on this machine, one client (ms)",
		"runtime", "warm p50", "p99", "bare server p50", "p99", "ratio of the p50", "cold p50", "slowest", "bare server's start p50", "slowest")
	for _, f := range all {
		t.row(f.Runtime, f.Warm.P50, f.Warm.P99, f.BareWarm.P50, f.BareWarm.P99, f.warmRatio(), f.Cold.P50, f.Cold.Max, f.BareCold.P50, f.BareCold.Max)
	}
}
