package api

import "context"

func (a *API) deleteGraph(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	if err := a.engine.DeleteGraph(ctx, u.Project, u.Name); err != nil {
		return nil, orUnknownGraph(err, u)
	}
	return nil, nil
}
