package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"heddle/examples"
	"heddle/internal/client"
	"heddle/internal/urn"
)

// What the tour starts: an order that is large, so that it has to wait, and
// whose card is busy, so that charging it is tried twice.
const (
	tourGraph     = "order"
	tourExecution = "one" // so short that a line of 80 characters holds the URN
	tourInput     = `{"item":"loom","count":3,"card":"busy"}`
)

// tour shows one execution from its start to its end, on the server at that URL.
// Functions that cannot run there are called at those endpoints.
func (d *demo) tour(ctx context.Context, url, endpoints, directory string) error {
	api, err := client.New(client.Config{Server: url, Project: examples.Project})
	if err != nil {
		return err
	}
	if err := awaitReady(ctx, api); err != nil {
		return err
	}
	graphs, err := deploy(ctx, api)
	if err != nil {
		return err
	}
	graph := urn.Graph{Region: examples.Region, Project: examples.Project, Name: tourGraph}.String()
	functions, err := d.deployFunctions(ctx, api, endpoints)
	if err != nil {
		return err
	}
	d.logLevel.Set(slog.LevelWarn)
	d.introduce(url, directory, graphs, functions)
	d.showStart(url, examples.Project, graph)

	started, err := api.Start(ctx, graph, client.StartRequest{Name: tourExecution, Input: tourInput})
	if err != nil {
		return err
	}
	d.heading("The answer, once the start is on the disk:")
	fmt.Fprintf(d.out, "  execution_urn\n    %s\n  started_at\n    %s\n", started.URN, started.StartedAt)
	end, err := d.watch(ctx, api, started.URN)
	if err != nil {
		return err
	}
	if d.once {
		return errorFromEnd(end)
	}
	d.conclude(url, started.URN)
	return nil
}

// watch shows what happens until the execution ends, and returns its end.
func (d *demo) watch(ctx context.Context, api *client.Client, execution string) (client.Record, error) {
	d.heading("What happens, as it happens:")
	timeline := d.newTimeline()
	var end client.Record
	for record, err := range api.Follow(ctx, execution) {
		if err != nil {
			return end, err
		}
		timeline.record(record)
		end = record
	}
	if end.Output == nil {
		return end, nil
	}
	d.heading("The output:")
	return end, d.showJSON(json.RawMessage(*end.Output))
}

// awaitReady returns once the server takes work. The end of ctx, which comes
// with the end of the server, ends the wait.
func awaitReady(ctx context.Context, api *client.Client) error {
	for api.Ready(ctx) != nil {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// deploy stores the sample graphs and returns their names. A data directory
// that has been used before gets them as they are now.
func deploy(ctx context.Context, api *client.Client) ([]string, error) {
	var names []string
	for _, g := range examples.Graphs() {
		_, err := api.CreateGraph(ctx, client.NewGraph{Name: g.Name, Definition: g.Definition, Description: g.Description})
		var refusal *client.Error
		if errors.As(err, &refusal) && refusal.Code == codeGraphExists {
			u := urn.Graph{Region: examples.Region, Project: examples.Project, Name: g.Name}
			_, err = api.UpdateGraph(ctx, u.String(), g.Definition)
		}
		if err != nil {
			return nil, fmt.Errorf("deploy the graph %s: %w", g.Name, err)
		}
		names = append(names, g.Name)
	}
	return names, nil
}

const codeGraphExists = "FGS.1005"
