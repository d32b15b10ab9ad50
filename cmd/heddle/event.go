package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func (a *app) eventCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "event",
		Short: "Send an event to an execution, to test it",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.testEventCommand())
	return c
}

func (a *app) testEventCommand() *cobra.Command {
	var async bool
	c := &cobra.Command{
		Use:     "test URN TRIGGER EVENT",
		Short:   "Send an event to an execution as if a trigger had fired",
		Long:    "Send an event to the execution of that URN as if a trigger of its event-defs had\nfired. A state must be waiting for it. The command prints what the state makes of\nthe event.",
		Example: "  heddle event test urn:fgs:local:default:execution:order:one:019d... orders '{\"in\":\"0123\"}'",
		Args:    exactly(3),
		RunE: func(c *cobra.Command, args []string) error {
			x, api, err := a.execution(args[0])
			if err != nil {
				return err
			}
			trigger, _, err := a.trigger(c.Context(), args[1])
			if err != nil {
				return err
			}
			response, err := api.TestEvent(c.Context(), x.GraphURN().String(), x.String(), trigger.URN, args[2], !async)
			if err != nil {
				return err
			}
			answer := map[string]string{"response": response}
			return a.print(answer, func(w io.Writer) { fmt.Fprintln(w, response) })
		},
	}
	c.Flags().BoolVar(&async, "async", false, "do not wait for what the state makes of it")
	return c
}
