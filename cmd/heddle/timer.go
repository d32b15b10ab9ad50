package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/urn"
)

func (a *app) timerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "timer",
		Short: "Create, change, list, start, stop and delete timers",
		Long:  "A timer starts executions of a graph by the clock: when a cron expression holds,\nor at a fixed rate. It is named by its URN, or by the graph and its name.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.createTimerCommand(), a.updateTimerCommand(), a.listTimersCommand(), a.startTimerCommand(),
		a.stopTimerCommand(), a.deleteTimerCommand(), a.nextCommand(),
	)
	return c
}

// timerUse names the arguments of a.timer.
const timerUse = " {GRAPH NAME | URN}"

// timerArguments wants what a.timer reads.
func timerArguments(c *cobra.Command, args []string) error {
	if len(args) == 1 && strings.HasPrefix(args[0], "urn:") {
		return nil
	}
	return exactly(2)(c, args)
}

// timer reads arguments that name a timer, by its URN or by its graph and its
// name, and returns the URN and a client for its project.
func (a *app) timer(args []string) (string, *client.Client, error) {
	if len(args) == 1 {
		t, err := urn.ParseTimer(args[0])
		if err != nil {
			return "", nil, usageError{fmt.Errorf("%s is not the URN of a timer: %w", args[0], err)}
		}
		c, err := a.client(t.Project)
		return args[0], c, err
	}
	graph, c, err := a.graph(args[0])
	if err != nil {
		return "", nil, err
	}
	g, _ := urn.ParseGraph(graph) // which a.graph has made
	return urn.Timer{Region: g.Region, Project: g.Project, Graph: g.Name, Name: args[1]}.String(), c, nil
}

// timerFlags are what timer create and timer update are told.
type timerFlags struct {
	cron        string
	every       string
	zone        string
	misfire     string
	description string
	start       bool
}

func (f *timerFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.cron, "cron", "", "fire when this `expression` holds")
	flags.StringVar(&f.every, "every", "", "fire at this `rate`: 1m to 60m, 1h to 24h, 1d to 30d")
	flags.StringVar(&f.zone, "zone", "", "`name` of the time zone in which the expression holds (default the server's)")
	flags.StringVar(&f.misfire, "misfire", "", "what becomes of missed fire times: skip, once or all (default once)")
	flags.StringVar(&f.description, "description", "", "what it is for")
}

// settings returns what the flags say.
func (f *timerFlags) settings(c *cobra.Command) (client.TimerSettings, error) {
	s := client.TimerSettings{Expression: f.cron, Zone: f.zone, Misfire: f.misfire}
	if (f.cron == "") == (f.every == "") {
		return s, usageError{errors.New("give one of --cron and --every")}
	}
	if c.Flags().Changed("description") {
		s.Description = &f.description
	}
	if f.every == "" {
		return s, nil
	}
	rate, err := rateFromText(f.every)
	s.Rate = rate
	return s, err
}

// rateFromText reads a rate such as 5m. How far it may go, the server says.
func rateFromText(text string) (*client.SimpleTrigger, error) {
	units := map[byte]string{'m': "minute", 'h': "hour", 'd': "day"}
	last := len(text) - 1
	n, err := strconv.Atoi(text[:last])
	unit, there := units[text[last]]
	if err != nil || !there {
		return nil, usageError{fmt.Errorf("--every %s must be a whole number with m, h or d, such as 5m", text)}
	}
	return &client.SimpleTrigger{Unit: unit, Interval: n}, nil
}

func (a *app) createTimerCommand() *cobra.Command {
	var f timerFlags
	c := &cobra.Command{
		Use:   "create GRAPH NAME",
		Short: "Create a timer, which is stopped unless --start is given",
		Example: "  heddle timer create report weekdays --cron '30 8 ? * MON-FRI' --zone Europe/Berlin\n" +
			"  heddle timer create poll often --every 5m --misfire skip --start",
		Args: exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.settings(c)
			if err != nil {
				return err
			}
			graph, api, err := a.graph(args[0])
			if err != nil {
				return err
			}
			created, err := api.CreateTimer(c.Context(), client.NewTimer{GraphURN: graph, Name: args[1], TimerSettings: s})
			if err != nil {
				return err
			}
			if err := a.print(created, func(w io.Writer) { fmt.Fprintln(w, created.URN) }); err != nil || !f.start {
				return err
			}
			at, err := api.StartTimer(c.Context(), created.URN)
			return a.changed("started at "+at, err)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&f.start, "start", false, "start it too")
	return c
}

func (a *app) updateTimerCommand() *cobra.Command {
	var f timerFlags
	c := &cobra.Command{
		Use:   "update" + timerUse,
		Short: "Give a timer that is stopped another schedule",
		Args:  timerArguments,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := f.settings(c)
			if err != nil {
				return err
			}
			timer, api, err := a.timer(args)
			if err != nil {
				return err
			}
			updated, err := api.UpdateTimer(c.Context(), timer, s)
			if err != nil {
				return err
			}
			return a.print(updated, func(w io.Writer) { fmt.Fprintln(w, "updated "+updated.URN) })
		},
	}
	f.add(c)
	return c
}
