package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/urn"
)

func (a *app) functionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "function",
		Short: "Write, deploy, call, watch, list and delete functions",
		Long:  "A function is code that graphs call. It is named by its URN, or by its name if it\nis in the package default: its latest version, or another one as NAME:VERSION.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.initFunctionCommand(), a.deployCommand(), a.invokeCommand(), a.logsCommand(), a.listFunctionsCommand(),
		a.showFunctionCommand(), a.publishCommand(), a.aliasCommand(), a.deleteFunctionCommand(),
	)
	return c
}

const packageDefault = "default"

// function reads an argument that names a function, by its URN or by its name,
// and returns the URN and a client for its project.
func (a *app) function(argument string) (string, *client.Client, error) {
	text := argument
	if !strings.HasPrefix(argument, "urn:") {
		text = a.functionURN(packageDefault, argument)
	}
	f, err := urn.ParseFunction(text)
	if err != nil {
		return "", nil, usageError{fmt.Errorf("%s names no function: %w", argument, err)}
	}
	c, err := a.client(f.Project)
	return text, c, err
}

func (a *app) functionURN(pkg, name string) string {
	return strings.Join([]string{"urn", "fss", a.region, a.project, "function", pkg, name}, ":")
}

// invokeFlags are what invoke is told beside the function.
type invokeFlags struct {
	input     string
	inputFile string
	log       bool
}

func (a *app) invokeCommand() *cobra.Command {
	var f invokeFlags
	c := &cobra.Command{
		Use:     "invoke FUNCTION",
		Short:   "Call a function, and print what it returns",
		Example: "  heddle function invoke greet --input '{\"name\":\"Ada\"}' --log",
		Args:    exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			event, err := a.input(f.input, f.inputFile)
			if err != nil {
				return err
			}
			if !json.Valid([]byte(event)) {
				return usageError{errors.New("the input is not JSON")}
			}
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			done, err := api.Invoke(c.Context(), function, event)
			if err != nil {
				return err
			}
			return a.invoked(done, f.log)
		},
	}
	c.Flags().StringVar(&f.input, "input", "", "the event, a `JSON` text (default "+inputDefault+")")
	c.Flags().StringVar(&f.inputFile, "input-file", "", "read the event from a `file`, or from the standard input if it is -")
	c.Flags().BoolVar(&f.log, "log", false, "print the end of the call's log as well")
	return c
}

// invoked prints what came of a call. That the function has failed fails the
// command.
func (a *app) invoked(done client.Invocation, log bool) error {
	if a.format == formatJSON {
		if err := a.print(done, nil); err != nil {
			return err
		}
	}
	failure, failed := done.Failure()
	if a.format == formatTable {
		if log {
			for line := range strings.Lines(done.Log) {
				fmt.Fprintln(a.err, printable(strings.TrimSuffix(line, "\n")))
			}
		}
		if !failed {
			fmt.Fprintln(a.out, done.Result)
			return nil
		}
		fmt.Fprintf(a.err, "heddle: the function failed: %s: %s\n", printable(failure.Type), printable(failure.Message))
		for _, line := range failure.Stack {
			fmt.Fprintln(a.err, "  "+printable(strings.TrimSpace(line)))
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (a *app) logsCommand() *cobra.Command {
	var follow bool
	var limit int
	c := &cobra.Command{
		Use:   "logs FUNCTION",
		Short: "Print what a function has written on the server's machine",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			if limit < 1 || limit > 1000 {
				return usageError{errors.New("--limit must be 1 to 1000")}
			}
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			if follow {
				for line, err := range api.FollowLog(c.Context(), function, limit) {
					if err != nil {
						return err
					}
					if err := a.logLine(line); err != nil {
						return err
					}
				}
			}
			lines, err := api.Log(c.Context(), function, limit)
			for _, line := range lines {
				err = errors.Join(err, a.logLine(line))
			}
			return err
		},
	}
	c.Flags().BoolVarP(&follow, "follow", "f", false, "go on as lines are written, until Ctrl-C")
	c.Flags().IntVar(&limit, "limit", 100, "begin with the last so many lines")
	return c
}

// logLine prints a line of a log, as JSON with all that is known of it.
func (a *app) logLine(line client.LogLine) error {
	if a.format == formatJSON {
		return printJSON(a.out, line, "")
	}
	_, err := fmt.Fprintf(a.out, "%s  %s\n", line.At.UTC().Format("2006-01-02T15:04:05.000Z"), printable(line.Text))
	return err
}

func (a *app) listFunctionsCommand() *cobra.Command {
	var prefix string
	c := &cobra.Command{
		Use:   "list",
		Short: "List functions, the oldest first",
		Args:  exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			list, err := api.Functions(c.Context(), client.ListQuery{Prefix: prefix, Limit: functionsMax})
			if err != nil {
				return err
			}
			return a.print(list, func(w io.Writer) {
				row(w, "NAME", "RUNTIME", "MEMORY", "TIMEOUT", "MODIFIED", "URN")
				for _, f := range list.Functions {
					row(w, f.Name, f.Runtime, fmt.Sprintf("%d MiB", f.MemorySize), fmt.Sprintf("%d s", f.Timeout), f.LastModified, f.URN)
				}
			})
		},
	}
	c.Flags().StringVar(&prefix, "name", "", "only those whose names begin with this `prefix`")
	return c
}

func (a *app) showFunctionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show FUNCTION",
		Short: "Show a function and its versions",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			shown, err := api.Function(c.Context(), function)
			if err != nil {
				return err
			}
			versions, err := api.Versions(c.Context(), function, versionsMax)
			if err != nil {
				return err
			}
			whole := struct {
				client.Function
				Versions []client.Function `json:"versions"`
			}{shown, versions.Functions}
			if err := a.print(whole, func(w io.Writer) { describeFunction(w, shown) }); err != nil || a.format == formatJSON {
				return err
			}
			return a.print(nil, func(w io.Writer) {
				row(w)
				row(w, "VERSION", "MODIFIED", "DESCRIPTION")
				for _, v := range versions.Functions {
					row(w, v.Version, v.LastModified, printable(v.Description))
				}
			})
		},
	}
}

// As many functions as a project may have, and versions as a function may.
const (
	functionsMax = 1000
	versionsMax  = 100
)

func describeFunction(w io.Writer, f client.Function) {
	row(w, "Function", f.URN)
	row(w, "Runtime", f.Runtime)
	for _, line := range [][2]string{
		{"Handler", f.Handler}, {"URL", f.CodeURL}, {"Description", f.Description},
		{"User data", f.UserData}, {"Secrets", f.EncryptedUserData}, {"Initializer", f.InitializerHandler},
	} {
		if line[1] != "" {
			row(w, line[0], printable(line[1]))
		}
	}
	row(w, "Memory", strconv.Itoa(f.MemorySize)+" MiB")
	row(w, "Timeout", (time.Duration(f.Timeout) * time.Second).String())
	if f.CodeURL == "" {
		row(w, "Code", fmt.Sprintf("%d bytes, %s", f.CodeSize, f.CodeType))
	}
	row(w, "Modified", f.LastModified)
}

func (a *app) publishCommand() *cobra.Command {
	var version, description string
	c := &cobra.Command{
		Use:   "publish FUNCTION",
		Short: "Keep what a function is now as a version that does not change",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			published, err := api.Publish(c.Context(), function, version, description)
			if err != nil {
				return err
			}
			return a.print(published, func(w io.Writer) { fmt.Fprintf(w, "published %s\n", published.URN) })
		},
	}
	c.Flags().StringVar(&version, "version", "", "`name` of the version (default v and the time)")
	c.Flags().StringVar(&description, "description", "", "what is new in it")
	return c
}

func (a *app) aliasCommand() *cobra.Command {
	var weights map[string]int
	c := &cobra.Command{
		Use:     "alias FUNCTION ALIAS VERSION",
		Short:   "Let an alias name a version of a function; graphs call it as NAME:!ALIAS",
		Example: "  heddle function alias price prod v2 --weight v3=10",
		Args:    exactly(3),
		RunE: func(c *cobra.Command, args []string) error {
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			set, err := api.SetAlias(c.Context(), function, client.Alias{Name: args[1], Version: args[2], Weights: weights})
			if err != nil {
				return err
			}
			return a.print(set, func(w io.Writer) { fmt.Fprintf(w, "%s is %s\n", set.URN, set.Version) })
		},
	}
	c.Flags().StringToIntVar(&weights, "weight", nil, "`VERSION=PERCENT` of the calls that another version gets")
	return c
}

func (a *app) deleteFunctionCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete FUNCTION",
		Short: "Delete a function with its versions, or one published version",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			function, api, err := a.function(args[0])
			if err != nil {
				return err
			}
			if !yes {
				if err := a.confirm(fmt.Sprintf("Delete %s?", function)); err != nil {
					return err
				}
			}
			return a.changed("deleted "+function, api.DeleteFunction(c.Context(), function))
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}
