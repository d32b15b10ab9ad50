package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) graphCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "graph",
		Short: "Create, change, list, show, delete and check graphs",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.createGraphCommand(), a.updateGraphCommand(), a.listGraphsCommand(),
		a.showGraphCommand(), a.deleteGraphCommand(), a.lintCommand(),
	)
	return c
}

// refusedDefinition reports the faults for which the server refused the
// document, at their places in the file.
func (a *app) refusedDefinition(d document, err error) error {
	var refusal *client.Error
	if !errors.As(err, &refusal) || len(refusal.Details) == 0 {
		return err
	}
	findings := d.lint()
	for _, f := range findings {
		fmt.Fprintln(a.err, f.Error())
	}
	if len(findings) > 0 {
		return errReported
	}
	// A server of another release may know rules that are not known here.
	for _, detail := range refusal.Details {
		fmt.Fprintf(a.err, "%s: %s %s (%s)\n", d.file, detail.Code, detail.Message, detail.Path)
	}
	return errReported
}

// listFlags are the flags of the commands that list.
type listFlags struct {
	name  string
	limit int
}

func (f *listFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "name", "", "only those whose names begin with this `prefix`")
	c.Flags().IntVar(&f.limit, "limit", 20, "the newest so many")
}

func (f *listFlags) query() (client.ListQuery, error) {
	if f.limit < 1 {
		return client.ListQuery{}, usageError{errors.New("--limit must be 1 or more")}
	}
	return client.ListQuery{Prefix: f.name, Limit: f.limit}, nil
}

// more tells of items that are not shown.
func more(w io.Writer, shown, count int) {
	if shown < count {
		fmt.Fprintf(w, "(%d of %d; --limit shows more)\n", shown, count)
	}
}
