package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) lintCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "lint FILE...",
		Short:   "Check definitions without a server",
		Long:    "Check definitions, JSON or YAML, without a server, and print every fault at its\nline and column. The exit code is 1 if there is one, 2 if a file cannot be read.",
		Example: "  heddle graph lint examples/graphs/*.json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			findings := []finding{}
			var unreadable error
			for _, file := range args {
				d, err := a.readDocument(file)
				if err != nil {
					fmt.Fprintln(a.err, "heddle:", err)
					unreadable = usageError{errReported}
					continue
				}
				faults := d.lint()
				findings = append(findings, faults...)
				a.tellLinted(file, faults)
			}
			if a.format == formatJSON {
				if err := printJSON(a.out, findings, "  "); err != nil {
					return err
				}
			}
			if unreadable == nil && len(findings) > 0 {
				return errReported
			}
			return unreadable
		},
	}
}

// tellLinted tells a person what was found in one file.
func (a *app) tellLinted(file string, findings []finding) {
	if a.format == formatJSON {
		return
	}
	for _, f := range findings {
		fmt.Fprintln(a.out, f.Error())
	}
	if len(findings) == 0 {
		fmt.Fprintf(a.out, "%s: ok\n", file)
	}
}
