package api

import (
	"context"
	"errors"

	"heddle/internal/store"
)

func (a *API) deleteGraph(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	switch err := a.engine.DeleteGraph(ctx, u.Project, u.Name); {
	case errors.Is(err, store.ErrMapped):
		return nil, refuse(codeGraphMapped, "a mapping binds a trigger to graph %q; delete the mapping first", u.Name)
	case err != nil:
		return nil, orUnknownGraph(err, u)
	}
	return nil, nil
}
