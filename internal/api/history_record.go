package api

import (
	"strings"

	"heddle/internal/journal"
	"heddle/internal/payload"
)

// historyRecord is one record of a history. Which fields it has depends on its type.
type historyRecord struct {
	Type          string         `json:"type"`
	Status        journal.Status `json:"status,omitempty"`
	Output        string         `json:"output,omitempty"`
	Input         string         `json:"input,omitempty"`
	ExecutionName string         `json:"execution_name,omitempty"`
	StateName     string         `json:"state_name,omitempty"`
	ActionName    string         `json:"action_name,omitempty"`
	EventName     string         `json:"event_name,omitempty"` // of an event; of several that were taken, joined by ", "
	EventID       string         `json:"event_id,omitempty"`
	Attempt       int            `json:"attempt,omitzero"`
	Branch        *int           `json:"branch,omitempty"` // tells the elements of a dynamic-extend apart
	StartedAt     string         `json:"started_at,omitempty"`
	StoppedAt     string         `json:"stopped_at,omitempty"`
}

// historyRecords shows the records from first to last, counted from 1.
func historyRecords(records []journal.Record, first, last int) []historyRecord {
	shown := make([]historyRecord, 0, max(last-first+1, 0))
	state := "" // the records of actions do not name their state: it is the one entered last
	for i, record := range records[:max(last, 0)] {
		if entered, ok := record.(journal.StateEntered); ok {
			state = entered.State
		}
		if i+1 >= first {
			shown = append(shown, historyRecordFrom(record, state))
		}
	}
	return shown
}

func historyRecordFrom(record journal.Record, state string) historyRecord {
	switch r := record.(type) {
	case journal.ExecutionStarted:
		return historyRecord{Type: "Execution Start", ExecutionName: r.Name, Input: r.Input, StartedAt: timeText(r.At)}
	case journal.ExecutionEnded:
		return historyRecord{Type: "Execution End", Status: r.Status, Output: r.Output, StoppedAt: timeText(r.At)}
	case journal.StateEntered:
		return historyRecord{Type: "State Start", StateName: r.State, Input: r.Input, StartedAt: timeText(r.At)}
	case journal.StateExited:
		return historyRecord{Type: "State End", StateName: r.State, Status: r.Status, Output: r.Output, StoppedAt: timeText(r.At)}
	case journal.ActionStarted:
		return historyRecord{
			Type: "Action Start", StateName: state, ActionName: r.Action, Attempt: r.Attempt, Branch: &r.Branch,
			Input: r.Input, StartedAt: timeText(r.At),
		}
	case journal.ActionDeferred:
		return historyRecord{
			Type: "Action Deferred", StateName: state, ActionName: r.Action, Attempt: r.Attempt, Branch: &r.Branch,
			StartedAt: timeText(r.At),
		}
	case journal.ActionEnded:
		shown := historyRecord{
			Type: "Action End", StateName: state, ActionName: r.Action, Attempt: r.Attempt, Branch: &r.Branch,
			Status: r.Status, Output: r.Output, StoppedAt: timeText(r.At),
		}
		if r.Failure != nil {
			shown.Output = failureText(*r.Failure)
		}
		return shown
	case journal.EventReceived:
		return historyRecord{Type: "Event Received", EventName: r.Event, EventID: r.ID, Input: r.Payload, StartedAt: timeText(r.At)}
	case journal.EventDropped:
		return historyRecord{Type: "Event Dropped", EventName: r.Event, EventID: r.ID, StoppedAt: timeText(r.At)}
	case journal.EventTaken:
		return historyRecord{Type: "Event Taken", StateName: state, EventName: strings.Join(r.Events, ", "), StartedAt: timeText(r.At)}
	case journal.EventAnswered:
		shown := historyRecord{
			Type: "Event Answered", StateName: state, EventID: r.ID,
			Status: journal.Success, Output: r.Response, StoppedAt: timeText(r.At),
		}
		if r.Failure != nil {
			shown.Status, shown.Output = journal.Failed, failureText(*r.Failure)
		}
		return shown
	}
	panic("a kind of record that has no form in a history")
}

// failureText is what an attempt that failed shows as its output, or an event
// that was not answered, so that people see why.
func failureText(f journal.Failure) string {
	return `{"error":{"name":` + payload.Quote(f.Name) + `,"code":` + payload.Quote(f.Code) + `,"message":` + payload.Quote(f.Message) + `}}`
}
