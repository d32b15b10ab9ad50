package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/urn"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the server refused, the execution failed, the file has a fault
	exitUsage  = 2 // the command was not understood, or a file could not be read
)

// app is what the commands share: the streams, the environment, and the flags
// that all of them have.
type app struct {
	program string // as it was called
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string

	server  string
	project string
	region  string
	format  format
}

// run carries out one command line and returns its exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)

	// Cobra finds faults of the command line before it calls the command, and
	// does not mark their errors: the hook tells the two apart.
	understood := false
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	c, err := root.ExecuteContextC(ctx)
	if err != nil && !understood {
		err = usageError{fmt.Errorf("%s (see %s --help)", onOneLine.Replace(err.Error()), c.CommandPath())}
	}
	return a.exit(err)
}

// onOneLine joins Cobra's errors, which have suggestions on lines of their own.
var onOneLine = strings.NewReplacer("\n\nDid you mean this?\n\t", "; did you mean ", "\n\t", " or ", "\n", "")

// rootCommand returns the command that all others hang below.
func (a *app) rootCommand() *cobra.Command {
	c := &cobra.Command{
		Use:           "heddle",
		Short:         "Run graphs: durable workflows written as JSON state machines",
		Long:          "Heddle runs graphs: JSON state machines that call functions, wait and decide,\nand survive any crash. \"heddle demo\" shows it; \"heddle serve\" is the server;\nthe other commands speak to a server.",
		Version:       currentVersion().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.SetUsageTemplate(strings.ReplaceAll(c.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", columnsDefault)))
	c.CompletionOptions.HiddenDefaultCmd = true
	flags := c.PersistentFlags()
	flags.StringVar(&a.server, "server", cmp.Or(a.getenv("HEDDLE_SERVER"), "http://127.0.0.1:8480"), "the server's `URL` (HEDDLE_SERVER)")
	flags.StringVar(&a.project, "project", cmp.Or(a.getenv("HEDDLE_PROJECT"), "default"), "the `project` that graphs belong to (HEDDLE_PROJECT)")
	flags.StringVar(&a.region, "region", cmp.Or(a.getenv("HEDDLE_REGION"), "local"), "the server's `region`, which URNs name (HEDDLE_REGION)")
	a.format = formatTable
	flags.VarP(&a.format, "output", "o", "how to print: table or json")
	c.AddCommand(
		a.demoCommand(), a.serveCommand(), a.graphCommand(), a.functionCommand(),
		a.triggerCommand(), a.mappingCommand(), a.timerCommand(), a.eventCommand(), a.workerCommand(),
		a.startCommand(), a.stopCommand(), a.executionsCommand(), a.showCommand(), a.historyCommand(),
		a.quotaCommand(),
		a.loginCommand(), a.userCommand(), a.keyCommand(), a.secretCommand(), a.projectCommand(), a.auditCommand(), a.certificateCommand(),
		a.versionCommand(),
	)
	return c
}

// exactly wants n arguments, as the command's use line names them.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("wrong number of arguments, want: %s", c.UseLine())
		}
		return nil
	}
}

// getenv returns the value of an environment variable, empty if it is not set.
func (a *app) getenv(name string) string {
	for _, variable := range a.environ {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// graph reads an argument that names a graph, by its URN or by its name in the
// project of the flags, and returns the URN and a client for its project.
func (a *app) graph(argument string) (string, *client.Client, error) {
	g := urn.Graph{Region: a.region, Project: a.project, Name: argument}
	if strings.HasPrefix(argument, "urn:") {
		var err error
		if g, err = urn.ParseGraph(argument); err != nil {
			return "", nil, usageError{fmt.Errorf("%s is not the URN of a graph: %w", argument, err)}
		}
	}
	c, err := a.client(g.Project)
	return g.String(), c, err
}

// execution reads an argument that is the URN of an execution, and returns it
// with a client for its project.
func (a *app) execution(argument string) (urn.Execution, *client.Client, error) {
	x, err := urn.ParseExecution(argument)
	if err != nil {
		return x, nil, usageError{fmt.Errorf("%s is not the URN of an execution: %w", argument, err)}
	}
	c, err := a.client(x.Project)
	return x, c, err
}

func (a *app) client(project string) (*client.Client, error) {
	c, err := client.New(client.Config{Server: a.server, Project: project, Authorize: a.authorize()})
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}
