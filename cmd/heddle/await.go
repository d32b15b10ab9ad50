package main

import (
	"context"
	"fmt"

	"heddle/internal/client"
)

// awaitEnd waits for the end of an execution that was started, and prints how
// it went.
func (a *app) awaitEnd(ctx context.Context, api *client.Client, started client.Started) error {
	if a.format == formatTable {
		fmt.Fprintln(a.out, started.URN)
	}
	var end client.Record
	for record, err := range api.Follow(ctx, started.URN) {
		if err != nil {
			fmt.Fprintf(a.err, "heddle: the execution goes on; heddle history --follow %s shows it\n", started.URN)
			return err
		}
		end = record
	}
	if a.format == formatJSON {
		x, err := api.Execution(ctx, started.URN)
		if err != nil {
			return err
		}
		if err := printJSON(a.out, x, "  "); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(a.out, "%s after %s\n", a.style().status(end.Status, end.Status), between(started.StartedAt, end.StoppedAt))
		if end.Output != nil {
			fmt.Fprintln(a.out, compact(*end.Output))
		}
	}
	return errorFromEnd(end)
}

// errorFromEnd makes of an execution that did not succeed a command that did
// not either.
func errorFromEnd(end client.Record) error {
	if end.Status == client.StatusSuccess {
		return nil
	}
	return errReported
}
