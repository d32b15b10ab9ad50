package api

import "context"

type updateGraphAnswer struct {
	LastModified string `json:"last_modified"`
	GraphURN     string `json:"graph_urn"`
}

func (a *API) updateGraph(ctx context.Context, r *request) (any, error) {
	u, err := a.graphURN(r)
	if err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	kind, err := body.text("info_type", codeParameter)
	if err != nil {
		return nil, err
	}
	if kind != "definition" {
		return nil, refuse(codeParameter, "info_type must be definition, not %q", kind)
	}
	d, err := a.definitionField(ctx, r, body, "info")
	if err != nil {
		return nil, err
	}
	g, err := a.engine.UpdateGraph(ctx, u.Project, u.Name, d)
	if err != nil {
		return nil, orBound(err, u)
	}
	r.Choose("revision", g.Revision)
	return updateGraphAnswer{timeText(g.ModifiedAt), a.urnOf(g)}, nil
}
