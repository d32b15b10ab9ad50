package catalog

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"heddle/internal/store"
)

// Version returns a version of a function by name.
func (c *Catalog) Version(ctx context.Context, f Function, version string) (Version, error) {
	if version == "" || version == store.VersionLatest {
		return f.Latest, nil
	}
	stored, err := c.store.FunctionVersion(ctx, f.ID, version)
	if errors.Is(err, store.ErrNotFound) {
		return Version{}, problem(NoVersion, "function %q has no version %q", f.Name, version)
	}
	if err != nil {
		return Version{}, err
	}
	return versionFrom(stored)
}

// Versions returns a page of a function's versions, the latest first, then the
// others, newest first, and the number of all.
func (c *Catalog) Versions(ctx context.Context, f Function, page store.Page) ([]Version, int64, error) {
	stored, count, err := c.store.ListFunctionVersions(ctx, f.ID, page)
	if err != nil {
		return nil, 0, err
	}
	all := make([]Version, len(stored))
	for i, s := range stored {
		if all[i], err = versionFrom(s); err != nil {
			return nil, 0, err
		}
	}
	return all, count, nil
}

// Publication says how the latest version is published.
type Publication struct {
	Version     string  // "" makes one of the time
	Description *string // nil takes that of the latest version
	Digest      string  // of the code that is meant; "" if any is
}

// Publish keeps the latest version as it is now, under a name of its own.
func (c *Catalog) Publish(ctx context.Context, name store.FunctionName, p Publication) (Function, Version, error) {
	for range attemptsMax {
		f, err := c.Function(ctx, name)
		if err != nil {
			return Function{}, Version{}, err
		}
		v, err := c.publish(ctx, f, p)
		if err == nil {
			c.forget(name)
			return f, v, nil
		}
		if err := goneOrStale(err, name); err != nil {
			return Function{}, Version{}, err
		}
	}
	return Function{}, Version{}, changedMeanwhile(name)
}

// publish publishes what the function is, or returns store.ErrStale.
func (c *Catalog) publish(ctx context.Context, f Function, p Publication) (Version, error) {
	if p.Digest != "" && p.Digest != f.Latest.Digest {
		return Version{}, problem(OtherCode, "the code of function %q has another digest: it is %s", f.Name, f.Latest.Digest)
	}
	newest, n, err := c.Versions(ctx, f, store.Page{Offset: 1, Limit: 1})
	switch {
	case err != nil:
		return Version{}, err
	case n >= versionsMax:
		return Version{}, problem(TooManyVersions, "function %q has %d versions, as many as are allowed; delete one first", f.Name, n)
	case len(newest) > 0 && alike(newest[0], f.Latest):
		return Version{}, problem(Unchanged, "function %q is as it was when version %q was published", f.Name, newest[0].Name)
	}
	v := f.Latest
	v.ModifiedAt = now()
	if p.Description != nil {
		v.Description = *p.Description
	}
	for _, v.Name = range publishedNames(p.Version) {
		v.Revision, err = c.store.PublishVersion(ctx, f.ID, f.Latest.Revision, v.stored())
		if !errors.Is(err, store.ErrExists) {
			return v, err
		}
	}
	return Version{}, problem(VersionExists, "function %q has a version %q already", f.Name, v.Name)
}

// publishedNames are the names to try, in turn: the one that was asked for, or
// those of the next seconds.
func publishedNames(asked string) []string {
	if asked != "" {
		return []string{asked}
	}
	var names []string
	for n := range 10 {
		names = append(names, time.Now().UTC().Add(time.Duration(n)*time.Second).Format("v20060102-150405"))
	}
	return names
}

// alike reports whether two versions differ in their descriptions at most.
func alike(a, b Version) bool {
	a.Description, b.Description = "", ""
	return a.Digest == b.Digest && bytes.Equal(encode(a.Properties), encode(b.Properties))
}

// DeleteVersion removes a published version that no alias names.
func (c *Catalog) DeleteVersion(ctx context.Context, name store.FunctionName, version string) error {
	defer c.forget(name)
	for range attemptsMax {
		f, err := c.Function(ctx, name)
		if err != nil {
			return err
		}
		if alias := f.aliasOf(version); alias != "" {
			return problem(VersionInUse, "alias %q of function %q names version %q; change or delete the alias first", alias, f.Name, version)
		}
		err = c.store.DeleteFunctionVersion(ctx, f.ID, f.revision, version)
		switch {
		case errors.Is(err, store.ErrStale):
			continue
		case errors.Is(err, store.ErrNotFound):
			return problem(NoVersion, "function %q has no version %q", f.Name, version)
		case err != nil:
			return err
		}
		return c.dropAsync(ctx, f, version)
	}
	return changedMeanwhile(name)
}

// aliasOf returns an alias that names the version, or "".
func (s Settings) aliasOf(version string) string {
	for _, name := range s.AliasNames() {
		alias := s.Aliases[name]
		if _, weighted := alias.Weights[version]; weighted || alias.Version == version {
			return name
		}
	}
	return ""
}

// AliasNames returns the names of all aliases, in their order.
func (s Settings) AliasNames() []string {
	var names []string
	for name := range s.Aliases {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Qualified returns the version that a version's or an alias's name means. Of an
// alias with weights it is the alias's own.
func (c *Catalog) Qualified(ctx context.Context, f Function, qualifier string) (Version, error) {
	name, marked := strings.CutPrefix(qualifier, "!")
	alias, ok := f.Aliases[name]
	switch {
	case marked && !ok:
		return Version{}, noAlias(&f, name)
	case marked:
		return c.Version(ctx, f, alias.Version)
	}
	v, err := c.Version(ctx, f, qualifier)
	var missing *Problem
	if ok && errors.As(err, &missing) && missing.Kind == NoVersion {
		return c.Version(ctx, f, alias.Version)
	}
	return v, err
}
