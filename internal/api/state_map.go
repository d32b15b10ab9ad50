package api

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

// notRunning is the status of a state that has not been reached.
const notRunning journal.Status = "NOTRUNNING"

// stateMap is a JSON object from state names to states, in the order of the
// definition.
type stateMap []stateView

type stateView struct {
	Name      string          `json:"state_name"`
	Status    journal.Status  `json:"status"`
	StartedAt string          `json:"started_at,omitempty"`
	StoppedAt string          `json:"stopped_at,omitempty"`
	Type      definition.Type `json:"TYPE"`
	Input     string          `json:"input,omitempty"`
	Output    string          `json:"output,omitempty"`
}

// stateMapOf returns the latest visit of each state.
func stateMapOf(d *definition.Definition, records []journal.Record) stateMap {
	states := make(stateMap, len(d.States))
	byName := make(map[string]*stateView, len(d.States))
	for i := range d.States {
		s := &d.States[i]
		states[i] = stateView{Name: s.Name, Status: notRunning, Type: s.Type()}
		byName[s.Name] = &states[i]
	}
	for _, record := range records {
		switch record := record.(type) {
		case journal.StateEntered:
			s := byName[record.State]
			*s = stateView{
				Name:      s.Name,
				Status:    journal.Running,
				StartedAt: timeText(record.At),
				Type:      s.Type,
				Input:     record.Input,
			}
		case journal.StateExited:
			s := byName[record.State]
			s.Status = record.Status
			s.StoppedAt = timeText(record.At)
			s.Output = record.Output
		}
	}
	return states
}

// MarshalJSONTo writes the object. A Go map would lose the order.
func (m stateMap) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, s := range m {
		if err := enc.WriteToken(jsontext.String(s.Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, s); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}
