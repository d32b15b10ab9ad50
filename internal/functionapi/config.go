package functionapi

import (
	"context"

	"heddle/internal/function/catalog"
)

func (a *API) showConfig(ctx context.Context, r *request) (any, error) {
	f, v, err := a.qualified(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.shape(f, v), nil
}

func (a *API) updateConfig(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	if err := t.latest(); err != nil {
		return nil, err
	}
	var body struct {
		others
		configBody
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if name := given(body.FuncName); name != t.Name {
		return nil, refuse(codeName, "func_name is %q, and the function is called %q; a function keeps its name", name, t.Name)
	}
	instances, calls, err := body.limits()
	if err != nil {
		return nil, err
	}
	f, err := a.catalog.UpdateConfig(ctx, t.FunctionName, body.EncryptedUserData, func(p *catalog.Properties) error {
		if was, is := p.Runtime == catalog.RuntimeHTTP, given(body.Runtime) == catalog.RuntimeHTTP; was != is {
			return refuse(codeRuntime, "the runtime is %s and cannot become %s: make another function", p.Runtime, given(body.Runtime))
		}
		return body.apply(p)
	})
	if err != nil {
		return nil, err
	}
	if instances != nil || calls != nil {
		if f, err = a.catalog.SetInstances(ctx, t.FunctionName, instances, calls); err != nil {
			return nil, err
		}
	}
	return a.shape(f, f.Latest), nil
}

// updateInstances limits the instances of a function. The limit is that of all
// its versions together.
func (a *API) updateInstances(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		others
		MaxInstanceNum *int `json:"max_instance_num"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	if body.MaxInstanceNum == nil {
		return nil, refuse(codeParameter, "max_instance_num is missing; -1 is no limit, 0 disables the function")
	}
	if err := checkInstances("max_instance_num", body.MaxInstanceNum); err != nil {
		return nil, err
	}
	f, err := a.catalog.SetInstances(ctx, t.FunctionName, body.MaxInstanceNum, nil)
	if err != nil {
		return nil, err
	}
	v, err := a.catalog.Qualified(ctx, f, t.qualifier)
	if err != nil {
		return nil, err
	}
	return a.shape(f, v), nil
}
