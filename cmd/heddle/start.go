package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

// startFlags are what start is told beside the graph.
type startFlags struct {
	name      string
	input     string
	inputFile string
	key       string
	test      bool
	wait      bool
}

const inputDefault = "{}"

func (a *app) startCommand() *cobra.Command {
	var f startFlags
	c := &cobra.Command{
		Use:   "start GRAPH",
		Short: "Start an execution of a graph",
		Long:  "Start an execution of a graph, named by its name or URN, and print the URN of\nthe execution. With --wait, also wait for its end and print its output; the\nexit code is then 1 unless it ended with SUCCESS.",
		Example: "  heddle start hello\n" +
			"  heddle start order --name first --input '{\"item\":\"loom\",\"count\":3}' --wait\n" +
			"  echo '[1, 2]' | heddle start hello --input-file -",
		Args: exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := a.startRequest(f)
			if err != nil {
				return err
			}
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			started, err := api.Start(c.Context(), graph, r)
			if err != nil {
				return err
			}
			if f.wait {
				return a.awaitEnd(c.Context(), api, started)
			}
			return a.print(started, func(w io.Writer) { fmt.Fprintln(w, started.URN) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.name, "name", "", "`name` of the execution, 1 to 80 characters (default run and the time)")
	flags.StringVar(&f.input, "input", "", "its input, a `JSON` text (default "+inputDefault+")")
	flags.StringVar(&f.inputFile, "input-file", "", "read the input from a `file`, or from the standard input if it is -")
	flags.StringVar(&f.key, "idempotency-key", "", "start at most one execution for this `key`")
	flags.BoolVar(&f.test, "test", false, "mark the execution as a test")
	flags.BoolVar(&f.wait, "wait", false, "wait for the end and print the output")
	return c
}

// startRequest returns what the flags ask for.
func (a *app) startRequest(f startFlags) (client.StartRequest, error) {
	r := client.StartRequest{Name: f.name, Test: f.test, IdempotencyKey: f.key}
	switch {
	case r.Name == "" && r.IdempotencyKey != "":
		r.Name = "run" // a start that is repeated under its key must be the same to the letter
	case r.Name == "":
		r.Name = time.Now().UTC().Format("run-20060102-150405")
	}
	var err error
	r.Input, err = a.input(f.input, f.inputFile)
	return r, err
}

// input returns what the flags --input and --input-file say.
func (a *app) input(text, file string) (string, error) {
	if file == "" {
		return cmp.Or(text, inputDefault), nil
	}
	if text != "" {
		return "", usageError{errors.New("--input and --input-file exclude each other")}
	}
	read, err := a.readFile(file)
	if err != nil {
		return "", usageError{err}
	}
	return string(read), nil
}
