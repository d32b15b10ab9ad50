package functionapi

import (
	"context"

	"heddle/internal/function/catalog"
)

type aliasShape struct {
	Name         string         `json:"name"`
	Version      string         `json:"version"`
	Description  string         `json:"description"`
	LastModified string         `json:"last_modified"`
	AliasURN     string         `json:"alias_urn"`
	Weights      map[string]int `json:"additional_version_weights,omitempty"`
}

func (a *API) aliasShape(t target, name string, alias catalog.Alias) aliasShape {
	return aliasShape{
		Name: name, Version: alias.Version, Description: alias.Description,
		LastModified: timeText(alias.ModifiedAt), AliasURN: a.catalog.URN(t.FunctionName, "!"+name),
		Weights: alias.Weights,
	}
}

// aliasBody is an alias as it is to be. Its strategies, which choose by header
// or cookie, are among the missing fields.
type aliasBody struct {
	others
	Name        *string        `json:"name"`
	Version     *string        `json:"version"`
	Description *string        `json:"description"`
	Weights     map[string]int `json:"additional_version_weights"`
}

func (b aliasBody) alias() (catalog.Alias, error) {
	if b.Version == nil || *b.Version == "" {
		return catalog.Alias{}, refuse(codeVersion, "version is missing; it must be the version that the alias names")
	}
	if err := checkDescription(b.Description); err != nil {
		return catalog.Alias{}, err
	}
	return catalog.Alias{Version: *b.Version, Description: given(b.Description), Weights: b.Weights}, nil
}

func (a *API) createAlias(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	var body aliasBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	name := given(body.Name)
	if !named(name, "", aliasMax) || name == "latest" {
		return nil, refuse(codeAlias, "name must be 1 to %d letters, digits, '-' and '_', begin with a letter and end with a letter or digit, and not be latest; it is %q", aliasMax, name)
	}
	alias, err := body.alias()
	if err != nil {
		return nil, err
	}
	r.Choose("version", alias.Version)
	if alias, err = a.catalog.CreateAlias(ctx, t.FunctionName, name, alias); err != nil {
		return nil, err
	}
	r.About = a.catalog.URN(t.FunctionName, "!"+name)
	return a.aliasShape(t, name, alias), nil
}

// listAliases answers with a bare array, as the SDKs want it.
func (a *API) listAliases(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	all := []aliasShape{}
	for _, name := range f.AliasNames() {
		all = append(all, a.aliasShape(t, name, f.Aliases[name]))
	}
	return all, nil
}

func (a *API) showAlias(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	name := r.Param("alias_name")
	alias, ok := f.Aliases[name]
	if !ok {
		return nil, refuse(codeNoAlias, "function %q has no alias %q", f.Name, name)
	}
	return a.aliasShape(t, name, alias), nil
}

func (a *API) updateAlias(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	var body aliasBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	alias, err := body.alias()
	if err != nil {
		return nil, err
	}
	r.Choose("version", alias.Version)
	name := r.Param("alias_name")
	r.About = a.catalog.URN(t.FunctionName, "!"+name)
	if alias, err = a.catalog.ChangeAlias(ctx, t.FunctionName, name, alias); err != nil {
		return nil, err
	}
	return a.aliasShape(t, name, alias), nil
}

func (a *API) deleteAlias(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	name := r.Param("alias_name")
	r.About = a.catalog.URN(t.FunctionName, "!"+name)
	return nil, a.catalog.DeleteAlias(ctx, t.FunctionName, name)
}
