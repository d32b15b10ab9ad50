package main

import (
	"github.com/spf13/cobra"
)

func (a *app) startTimerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "start" + timerUse,
		Short: "Start a timer",
		Args:  timerArguments,
		RunE: func(c *cobra.Command, args []string) error {
			timer, api, err := a.timer(args)
			if err != nil {
				return err
			}
			at, err := api.StartTimer(c.Context(), timer)
			return a.changed("started at "+at, err)
		},
	}
}

func (a *app) stopTimerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stop" + timerUse,
		Short: "Stop a timer",
		Args:  timerArguments,
		RunE: func(c *cobra.Command, args []string) error {
			timer, api, err := a.timer(args)
			if err != nil {
				return err
			}
			at, err := api.StopTimer(c.Context(), timer)
			return a.changed("stopped at "+at, err)
		},
	}
}

func (a *app) deleteTimerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete" + timerUse,
		Short: "Delete a timer, started or not",
		Args:  timerArguments,
		RunE: func(c *cobra.Command, args []string) error {
			timer, api, err := a.timer(args)
			if err != nil {
				return err
			}
			return a.changed("deleted "+timer, api.DeleteTimer(c.Context(), timer))
		},
	}
}
