package functionapi

import (
	"context"

	"heddle/internal/function/catalog"
	"heddle/internal/store"
)

// listMax is the most functions or versions in a page, and as many are shown if
// the call does not say.
const listMax = 400

type listFunctionsAnswer struct {
	Functions  []functionShape `json:"functions"`
	NextMarker int64           `json:"next_marker"`
	Count      int64           `json:"count"`
}

func (a *API) listFunctions(ctx context.Context, r *request) (any, error) {
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	page, err := q.page("maxitems", listMax, listMax)
	if err != nil {
		return nil, err
	}
	functions, count, err := a.catalog.List(ctx, store.FunctionFilter{
		Project: r.project, Package: q.text("package_name"), NamePrefix: q.text("func_name"),
	}, page)
	if err != nil {
		return nil, err
	}
	answer := listFunctionsAnswer{Functions: []functionShape{}, NextMarker: nextMarker(page, len(functions), count), Count: count}
	for _, f := range functions {
		answer.Functions = append(answer.Functions, a.shape(f, f.Latest))
	}
	return answer, nil
}

type listVersionsAnswer struct {
	Versions   []functionShape `json:"versions"`
	NextMarker int64           `json:"next_marker"`
	Count      int64           `json:"count"`
}

func (a *API) listVersions(ctx context.Context, r *request) (any, error) {
	f, _, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	page, err := q.page("maxitems", listMax, listMax)
	if err != nil {
		return nil, err
	}
	versions, count, err := a.catalog.Versions(ctx, f, page)
	if err != nil {
		return nil, err
	}
	answer := listVersionsAnswer{Versions: []functionShape{}, NextMarker: nextMarker(page, len(versions), count), Count: count}
	for _, v := range versions {
		answer.Versions = append(answer.Versions, a.shape(f, v))
	}
	return answer, nil
}

// qualified reads the URN in the path and finds the function, and the version
// that it names.
func (a *API) qualified(ctx context.Context, r *request) (catalog.Function, catalog.Version, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return catalog.Function{}, catalog.Version{}, err
	}
	v, err := a.catalog.Qualified(ctx, f, t.qualifier)
	return f, v, err
}
