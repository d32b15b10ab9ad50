package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/definition"
	"heddle/internal/urn"
)

func (a *app) workerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "worker",
		Short: "Work on what executions offer",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.runWorkerCommand())
	return c
}

const workerLong = `Ask for work of a WorkRequest trigger again and again, and run COMMAND for each
piece, with the work item on its standard input. What it prints is the result, as
a JSON string if it is not JSON; if it fails, its standard error is the error.
Meanwhile heartbeats are sent. The triggers of the messages are those of the
execution's own definition.`

func (a *app) runWorkerCommand() *cobra.Command {
	var name string
	w := worker{app: a}
	c := &cobra.Command{
		Use:     "run --trigger TRIGGER -- COMMAND [ARGUMENT...]",
		Short:   "Run a command for each piece of work",
		Long:    workerLong,
		Example: "  heddle worker run --trigger asked -- ./approve.sh",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("wrong number of arguments, want: %s", c.UseLine())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if name == "" {
				return usageError{errors.New("name the trigger whose work to take with --trigger")}
			}
			if _, err := exec.LookPath(args[0]); err != nil {
				return usageError{err}
			}
			trigger, api, err := a.trigger(c.Context(), name)
			if err != nil {
				return err
			}
			w.api, w.trigger, w.command = api, trigger.URN, args
			return w.run(c.Context())
		},
	}
	flags := c.Flags()
	flags.StringVar(&name, "trigger", "", "the WorkRequest `trigger` whose work to take")
	flags.BoolVar(&w.once, "once", false, "end after one piece of work")
	flags.DurationVar(&w.heartbeat, "heartbeat", 20*time.Second, "how often to say that the work goes on, at least")
	return c
}

// worker takes work and has a command do it.
type worker struct {
	*app
	api       *client.Client
	trigger   string // URN, of requests for work
	command   []string
	once      bool
	heartbeat time.Duration
}

// outputMax is what a message can carry, in characters.
const outputMax = 32768

func (w *worker) run(ctx context.Context) error {
	for {
		work, err := w.api.RequestWork(ctx, w.trigger)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && w.once:
			return err
		case err != nil:
			fmt.Fprintf(w.err, "heddle: %v\n", err)
			if !wait(ctx, time.Second) {
				return nil
			}
		case work != nil:
			if err := w.do(ctx, *work); err != nil {
				if w.once {
					return err
				}
				fmt.Fprintf(w.err, "heddle: %s: %v\n", work.Token, err)
			}
			if w.once {
				return nil
			}
		}
	}
}

// do has one piece of work done, and reports what has come of it.
func (w *worker) do(ctx context.Context, work client.Work) error {
	to, err := w.triggersOf(ctx, work.Token)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	lost := make(chan error, 1)
	go func() { lost <- w.keepAlive(working, stop, to, work.Token) }()
	result, failure := w.carryOut(working, work)
	stop()
	if err := <-lost; err != nil { // nobody waits for the work any more
		return err
	}
	kind, text := client.MessageSuccess, result
	if failure != "" {
		kind, text = client.MessageFailure, failure
	}
	fmt.Fprintf(w.out, "%s %s\n", kind, work.Token)
	return w.api.Report(context.WithoutCancel(ctx), kind, to[kind], work.Token, text)
}

// triggersOf returns the triggers of the messages about a piece of work, by their
// type: those that the execution's definition names.
func (w *worker) triggersOf(ctx context.Context, token string) (map[string]string, error) {
	g, err := w.api.GraphOf(ctx, token)
	if err != nil {
		return nil, err
	}
	d, problems := definition.Parse(string(g.Definition))
	if len(problems) > 0 {
		return nil, errors.New("the definition that the execution runs cannot be read")
	}
	kinds := map[string]string{urn.HeartBeat: client.MessageHeartBeat, urn.WorkSuccess: client.MessageSuccess, urn.WorkFailure: client.MessageFailure}
	triggers := map[string]string{}
	for _, e := range d.Events {
		if kind, ok := kinds[e.Source.WorkerType()]; ok && triggers[kind] == "" {
			triggers[kind] = e.Source.String()
		}
	}
	for _, kind := range []string{client.MessageSuccess, client.MessageFailure} {
		if triggers[kind] == "" {
			return nil, fmt.Errorf("the graph waits for no %s", kind)
		}
	}
	return triggers, nil
}

// keepAlive sends heartbeats until ctx ends. If the execution does not wait for
// the work any more, it ends the work and returns why.
func (w *worker) keepAlive(ctx context.Context, stop func(), to map[string]string, token string) error {
	for to[client.MessageHeartBeat] != "" && wait(ctx, w.heartbeat) {
		err := w.api.Report(ctx, client.MessageHeartBeat, to[client.MessageHeartBeat], token, "")
		var refusal *client.Error
		if errors.As(err, &refusal) && refusal.Status < 500 {
			stop()
			return err
		}
	}
	return nil
}

// carryOut runs the command, and returns its result, or why there is none.
func (w *worker) carryOut(ctx context.Context, work client.Work) (result, failure string) {
	c := exec.CommandContext(ctx, w.command[0], w.command[1:]...)
	var out, problems bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(work.Item), &out, &problems
	c.Env = append(w.environ, "HEDDLE_TASK_TOKEN="+work.Token)
	c.WaitDelay = time.Second
	if err := c.Run(); err != nil {
		text := strings.TrimSpace(problems.String())
		if text == "" {
			text = err.Error()
		}
		return "", cut(text, outputMax)
	}
	text := strings.TrimSpace(out.String())
	if !json.Valid([]byte(text)) {
		quoted, err := json.Marshal(text)
		if err != nil {
			return "", err.Error()
		}
		text = string(quoted)
	}
	if n := len([]rune(text)); n > outputMax {
		return "", fmt.Sprintf("the result has %d characters, at most %d can be reported", n, outputMax)
	}
	return text, ""
}

// wait returns after a time, and reports whether ctx has not ended by then.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
