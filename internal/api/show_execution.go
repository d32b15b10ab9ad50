package api

import (
	"context"
	"fmt"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

type executionAnswer struct {
	Info executionInfo `json:"execution_info"`
}

type executionInfo struct {
	Input         string         `json:"input"`
	Output        string         `json:"output,omitempty"`
	Test          bool           `json:"isTest"`
	GraphURN      string         `json:"graph_urn"`
	ExecutionURN  string         `json:"execution_urn"`
	ExecutionName string         `json:"execution_name"`
	StartedAt     string         `json:"started_at"`
	StoppedAt     string         `json:"stopped_at,omitempty"`
	States        stateMap       `json:"state_map"`
	StartState    string         `json:"start_state"`
	State         journal.Status `json:"execution_state"`
}

func (a *API) showExecution(ctx context.Context, r *request) (any, error) {
	u, err := a.executionURN(r)
	if err != nil {
		return nil, err
	}
	x, err := a.run(ctx, u)
	if err != nil {
		return nil, err
	}
	stored, err := a.definition(ctx, x.graph, x.head.Revision)
	if err != nil {
		return nil, err
	}
	d, problems := definition.Parse(stored.Text)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read revision %d of graph %q: %s: %s", x.head.Revision, x.graph.Name, problems[0].Path, problems[0].Message)
	}
	info := executionInfo{
		Test:          x.head.Test,
		GraphURN:      a.urnOf(x.graph),
		ExecutionURN:  u.String(),
		ExecutionName: x.head.Name,
		States:        stateMapOf(d, x.records),
		StartState:    d.Start().Name,
		State:         journal.Running,
	}
	for _, record := range x.records {
		switch record := record.(type) {
		case journal.ExecutionStarted:
			info.Input = record.Input
			info.StartedAt = timeText(record.At)
		case journal.ExecutionEnded:
			info.State = record.Status
			info.Output = record.Output
			info.StoppedAt = timeText(record.At)
		}
	}
	return executionAnswer{info}, nil
}
