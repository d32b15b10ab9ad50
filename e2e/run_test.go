package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// mustStart creates a graph of the definition and starts an execution of it.
func (s *server) mustStart(t *testing.T, definition, input string) (urn string) {
	t.Helper()
	graph, err := s.createGraph(fmt.Sprintf("g%d", rand.Uint32()), definition)
	if err != nil {
		t.Fatal(err)
	}
	return s.mustStartOf(t, graph, input)
}

func (s *server) mustStartOf(t *testing.T, graph, input string) (urn string) {
	t.Helper()
	a, err := s.startExecution(graph, "e", input, "")
	if err != nil {
		t.Fatal(err)
	}
	var started struct {
		URN string `json:"execution_urn"`
	}
	if err := a.into(&started); err != nil {
		t.Fatal(err)
	}
	return started.URN
}

// awaitEnd waits until the execution has ended and returns it.
func (s *server) awaitEnd(t *testing.T, urn string) (x execution) {
	t.Helper()
	eventually(t, urn+" ends", func() bool {
		var err error
		if x, err = s.show(urn); err != nil {
			t.Fatal(err)
		}
		return x.Status != "RUNNING"
	})
	return x
}

// awaitAll waits until all executions of a graph have ended and returns them.
func (s *server) awaitAll(t *testing.T, graph string) (all []listed) {
	t.Helper()
	eventually(t, "all executions of "+graph+" end", func() bool {
		var err error
		if all, err = s.list(graph); err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(all, func(x listed) bool { return x.Status == "RUNNING" })
	})
	return all
}
