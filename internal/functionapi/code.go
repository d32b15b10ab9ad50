package functionapi

import (
	"context"
	"encoding/base64"

	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/store"
)

func (a *API) showCode(ctx context.Context, r *request) (any, error) {
	f, v, err := a.qualified(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.codeShape(ctx, f, v)
}

func (a *API) codeShape(ctx context.Context, f catalog.Function, v catalog.Version) (any, error) {
	code, err := a.catalog.Code(ctx, v)
	if err != nil {
		return nil, err
	}
	return codeShape{
		FuncURN: a.catalog.URN(f.FunctionName, v.Name), FuncName: f.Name, Runtime: v.Runtime,
		CodeType: v.CodeType, CodeURL: v.CodeURL, CodeFilename: v.CodeFilename, CodeSize: v.CodeSize,
		Digest: v.Digest, LastModified: timeText(v.ModifiedAt),
		FuncCode: fileShape{File: base64.StdEncoding.EncodeToString(code)},
		Strategy: &strategyShape{f.InstancesMax, f.CallsMax},
	}, nil
}

func (a *API) updateCode(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := t.latest(); err != nil {
		return nil, err
	}
	var body struct {
		others
		codeBody
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	d, err := body.draft(f.Latest.Runtime)
	if err != nil {
		return nil, err
	}
	if f, err = a.catalog.UpdateCode(ctx, t.FunctionName, d); err != nil {
		return nil, err
	}
	r.chooseCode(f.Latest)
	return a.codeShape(ctx, f, f.Latest)
}

// deleteFunction removes a published version if the URN names one, and else the
// whole function: latest cannot go alone.
func (a *API) deleteFunction(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case t.qualifier == "" || t.qualifier == store.VersionLatest:
		if err := a.catalog.Delete(ctx, f); err != nil {
			return nil, err
		}
		return nil, a.logs.Remove(function.LogName(f.Project, f.Package, f.Name))
	case t.qualifier[0] == '!':
		return nil, refuse(codeParameter, "function_urn names an alias; delete it with DELETE .../aliases/%s", t.qualifier[1:])
	}
	return nil, a.catalog.DeleteVersion(ctx, f.FunctionName, t.qualifier)
}
