package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
	"heddle/internal/urn"
)

func (a *app) triggerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "trigger",
		Short: "Create, list, show, describe and delete triggers",
		Long:  "A trigger watches a bucket, a topic, or a type of worker message. A graph waits\nfor its events by naming it in event-defs; or it is mapped to a graph (heddle\nmapping), and each event starts an execution.",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		a.createTriggerCommand(), a.listTriggersCommand(), a.showTriggerCommand(),
		a.describeTriggerCommand(), a.deleteTriggerCommand(),
	)
	return c
}

// trigger reads an argument that names a trigger, by its URN, its UUID, or a name
// that one trigger of the project alone has, and returns the trigger.
func (a *app) trigger(ctx context.Context, argument string) (client.Trigger, *client.Client, error) {
	project := a.project
	if strings.HasPrefix(argument, "urn:") {
		u, err := urn.ParseTrigger(argument)
		if err != nil {
			return client.Trigger{}, nil, usageError{fmt.Errorf("%s is not the URN of a trigger: %w", argument, err)}
		}
		project = u.Project
	}
	api, err := a.client(project)
	if err != nil {
		return client.Trigger{}, nil, err
	}
	list, err := api.Triggers(ctx)
	if err != nil {
		return client.Trigger{}, nil, err
	}
	var found []client.Trigger
	for _, t := range list.Triggers {
		switch argument {
		case t.URN, t.ID:
			return t, api, nil
		case t.Name:
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return client.Trigger{}, nil, fmt.Errorf("the project has no trigger %s (heddle trigger list shows the triggers that exist)", argument)
	case 1:
		return found[0], api, nil
	}
	return client.Trigger{}, nil, usageError{fmt.Errorf("%d triggers are named %s: name one by its URN", len(found), argument)}
}
