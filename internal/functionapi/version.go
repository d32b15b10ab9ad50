package functionapi

import (
	"context"
	"unicode/utf8"

	"heddle/internal/function/catalog"
	"heddle/internal/store"
)

func checkVersion(version string) error {
	if !named(version, ".", versionMax) || version == store.VersionLatest {
		return refuse(codeVersion, "version must be 1 to %d letters, digits, '.', '-' and '_', begin with a letter and end with a letter or digit, and not be latest; it is %q", versionMax, version)
	}
	return nil
}

func checkDescription(description *string) error {
	if n := utf8.RuneCountInString(given(description)); n > descriptionMax {
		return refuse(codeDescription, "description has %d characters, at most %d are allowed", n, descriptionMax)
	}
	return nil
}

func (a *API) publish(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	if err := t.latest(); err != nil {
		return nil, err
	}
	var body struct {
		others
		Digest      *string `json:"digest"`
		Version     *string `json:"version"`
		Description *string `json:"description"`
	}
	if r.ContentLength != 0 {
		if err := r.decode(&body); err != nil {
			return nil, err
		}
	}
	if version := given(body.Version); version != "" {
		if err := checkVersion(version); err != nil {
			return nil, err
		}
	}
	if err := checkDescription(body.Description); err != nil {
		return nil, err
	}
	f, v, err := a.catalog.Publish(ctx, t.FunctionName, catalog.Publication{
		Version: given(body.Version), Description: body.Description, Digest: given(body.Digest),
	})
	if err != nil {
		return nil, err
	}
	r.About = a.catalog.URN(t.FunctionName, v.Name)
	r.chooseCode(v)
	return a.shape(f, v), nil
}
