package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"heddle/internal/client"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"a refusal", &client.Error{Status: 400, Code: "FGS.2001", Message: "a bad name"}, "FGS.2001 a bad name"},
		{"a refusal with a hint", &client.Error{Status: 404, Code: "FGS.1011", Message: "no such graph"}, "FGS.1011 no such graph (heddle graph list shows the graphs that exist)"},
		{"a fault of the server", &client.Error{Status: 500, Code: "FGS.0007", Message: "a fault", RequestID: "r1"}, "FGS.0007 a fault (the server's log has more under request r1)"},
		{"a proxy", &client.Error{Status: 502, Message: "Bad Gateway"}, "502 Bad Gateway"},
		{"an interruption", fmt.Errorf("wait: %w", context.Canceled), "interrupted"},
		{"anything else", errors.New("the disk is full"), "the disk is full"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := explain(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestFaultsThatOnlyTheServerKnows has a server of another release refuse what
// is valid here.
func TestFaultsThatOnlyTheServerKnows(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	a := &app{err: &stderr}
	d := document{file: "a.json", text: `{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"END"}}}`}
	refusal := &client.Error{Status: 400, Code: "FGS.1099", Details: []client.Detail{{Code: "FGS.1099", Path: "/states/a", Message: "a new rule"}}}
	if err := a.refusedDefinition(d, refusal); !errors.Is(err, errReported) {
		t.Errorf("got the error %v", err)
	}
	if got, want := stderr.String(), "a.json: FGS.1099 a new rule (/states/a)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
