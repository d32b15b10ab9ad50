package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// execution returns the head of a stored execution, and its graph.
func (a *API) execution(ctx context.Context, u urn.Execution) (store.Graph, store.Head, error) {
	g, err := a.store.GraphByName(ctx, u.Project, u.Graph)
	if err != nil {
		return store.Graph{}, store.Head{}, orUnknownExecution(err, u)
	}
	id := executionIDFromURN(u)
	heads, _, err := a.store.ListExecutions(ctx, store.ExecutionFilter{Graph: g.ID, ID: &id}, store.Page{Limit: 1})
	if err == nil && (len(heads) == 0 || heads[0].Name != u.Name) {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Graph{}, store.Head{}, orUnknownExecution(err, u)
	}
	return g, heads[0], nil
}

// run is an execution with all that has been recorded about it.
type run struct {
	graph   store.Graph
	head    store.Head
	records []journal.Record // never empty; record n stands at n-1
}

// run loads an execution.
func (a *API) run(ctx context.Context, u urn.Execution) (run, error) {
	g, err := a.store.GraphByName(ctx, u.Project, u.Graph)
	if err != nil {
		return run{}, orUnknownExecution(err, u)
	}
	head, rows, err := a.store.Load(ctx, store.Key{Graph: g.ID, ID: executionIDFromURN(u)})
	if err == nil && head.Name != u.Name {
		err = store.ErrNotFound
	}
	if err != nil {
		return run{}, orUnknownExecution(err, u)
	}
	x := run{graph: g, head: head}
	var codec journal.Codec
	for _, row := range rows {
		records, err := codec.Decode(row)
		if err != nil {
			return run{}, fmt.Errorf("read execution %s: %w", u, err)
		}
		x.records = append(x.records, records...)
	}
	return x, nil
}

// ended reports whether the execution's last record has been written.
func (x run) ended() bool {
	_, ended := x.records[len(x.records)-1].(journal.ExecutionEnded)
	return ended
}

// orUnknownExecution says what store.ErrNotFound means where an execution was
// asked for.
func orUnknownExecution(err error, u urn.Execution) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(codeNoExecution, "graph %q has no execution %q with the id %s", u.Graph, u.Name, u.ID)
	}
	return err
}

// executionIDFromURN returns the store's id. The URN's is known to be 32
// hexadecimal digits.
func executionIDFromURN(u urn.Execution) store.ExecutionID {
	var id store.ExecutionID
	_, _ = hex.Decode(id[:], []byte(u.ID))
	return id
}

// urnOfExecution returns the URN of a stored execution.
func (a *API) urnOfExecution(g store.Graph, h store.Head) string {
	return urn.Execution{
		Region:  a.cfg.Region,
		Project: g.Project,
		Graph:   g.Name,
		Name:    h.Name,
		ID:      hex.EncodeToString(h.ID[:]),
	}.String()
}
