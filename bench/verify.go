package main

import (
	"context"
	"fmt"

	"heddle/internal/client"
)

// verifyMax bounds how many executions are looked up after a load. Those that
// might not have ended are among the newest, which are looked up first.
const verifyMax = 50_000

// verify asks the server, after a load, for what the clients believe: that
// there are just as many executions of the graph as were started, and that they
// have the status. It returns how many of the latest have not: a load counts
// them as not completed.
func (s *server) verify(ctx context.Context, g graph, status string) (missing int64, err error) {
	list, err := s.api.Executions(ctx, graphURN(g), client.ListQuery{Limit: verifyMax})
	if err != nil {
		return 0, fmt.Errorf("verify the executions of %s: %w", g.Name, err)
	}
	if int64(list.Count) != s.started[g.Name] {
		return 0, fmt.Errorf("%d executions of %s were started, and the server counts %d", s.started[g.Name], g.Name, list.Count)
	}
	for _, x := range list.Executions {
		switch x.Status {
		case status:
		case client.StatusRunning:
			missing++
		default:
			return 0, fmt.Errorf("the execution %s is %s and should be %s", x.URN, x.Status, status)
		}
	}
	return missing, nil
}
