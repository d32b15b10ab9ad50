package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) deleteGraphCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a graph and all its executions",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			if !yes {
				if err := a.confirm(fmt.Sprintf("Delete %s, stop its executions and delete them?", graph)); err != nil {
					return err
				}
			}
			if err := api.DeleteGraph(c.Context(), graph); err != nil {
				return err
			}
			if a.format == formatTable {
				fmt.Fprintf(a.out, "deleted %s\n", graph)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return c
}

// confirm asks a person at a terminal. A script has nobody to ask and must say
// --yes.
func (a *app) confirm(question string) error {
	if !isTerminal(a.in) {
		return usageError{errors.New("deleting asks first, and the standard input is no terminal: say --yes")}
	}
	fmt.Fprintf(a.err, "%s [y/N] ", question)
	line, _ := bufio.NewReader(a.in).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return errors.New("nothing was deleted")
	}
	return nil
}
