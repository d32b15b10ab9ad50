package api

import (
	"strings"

	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/urn"
)

const (
	projectMax        = 64
	idempotencyKeyMax = 255
)

// request is a call on its way through an endpoint.
type request struct {
	*exchange.Exchange
	project string
	caller  identity.Caller
	keyed   bool // it happens once, however often it is sent
	bodyMax int64
}

// graphURN reads the URN of a graph from the path.
func (a *API) graphURN(r *request) (urn.Graph, error) {
	u, err := urn.ParseGraph(r.Param("graph_urn"))
	if err != nil {
		return urn.Graph{}, refuse(codeURN, "the graph URN in the path is malformed: %v", err)
	}
	return u, a.checkOwner("the graph URN in the path", u.Region, u.Project, r)
}

// executionURN reads the URN of an execution from the path.
func (a *API) executionURN(r *request) (urn.Execution, error) {
	return a.parseExecution("the execution URN in the path", r.Param("execution_urn"), r)
}

func (a *API) parseExecution(what, text string, r *request) (urn.Execution, error) {
	u, err := urn.ParseExecution(text)
	if err != nil {
		return urn.Execution{}, refuse(codeURN, "%s is malformed: %v", what, err)
	}
	r.Note("execution", text)
	return u, a.checkOwner(what, u.Region, u.Project, r)
}

// checkOwner refuses what belongs to another region or project.
func (a *API) checkOwner(what, region, project string, r *request) error {
	switch {
	case region != a.cfg.Region:
		return refuse(codeURN, "%s is of region %q, but this is %q", what, region, a.cfg.Region)
	case project != r.project:
		return refuse(codeURN, "%s is of another project than the path", what)
	}
	return nil
}

// idempotencyKey returns the key under which a start happens once, or "".
func (r *request) idempotencyKey() (string, error) {
	keys := r.Header["Idempotency-Key"]
	if keys == nil {
		return "", nil
	}
	key := keys[0]
	hidden := strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
	if len(keys) > 1 || key == "" || len(key) > idempotencyKeyMax || hidden {
		return "", refuse(codeParameter, "Idempotency-Key must be one header of 1 to %d visible ASCII characters", idempotencyKeyMax)
	}
	return key, nil
}
