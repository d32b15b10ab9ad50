package client

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// State is what became of one state of the definition. Of a state that was
// entered more than once it shows the latest visit.
type State struct {
	Name      string  `json:"state_name"`
	Status    string  `json:"status"`
	StartedAt string  `json:"started_at,omitempty"`
	StoppedAt string  `json:"stopped_at,omitempty"`
	Type      string  `json:"TYPE"`
	Input     *string `json:"input,omitempty"`  // nil until the state is reached
	Output    *string `json:"output,omitempty"` // nil until it has ended
}

// States is a state_map: on the wire an object with the states' names as keys,
// here a list that keeps the server's order, which is the definition's.
type States []State

// UnmarshalJSON reads the object in its order.
func (s *States) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	opening, err := d.Token()
	if err != nil {
		return err
	}
	if opening != json.Delim('{') {
		return fmt.Errorf("state_map begins with %v and is not an object", opening)
	}
	*s = States{}
	for d.More() {
		if _, err := d.Token(); err != nil { // the key, which state_name repeats
			return err
		}
		var state State
		if err := d.Decode(&state); err != nil {
			return err
		}
		*s = append(*s, state)
	}
	_, err = d.Token()
	return err
}

// MarshalJSON writes the object in the order of the list.
func (s States) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, state := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := encode(state.Name)
		if err != nil {
			return nil, err
		}
		body, err := encode(state)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(body)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
