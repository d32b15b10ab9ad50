package catalog

import (
	"context"
	"maps"
	"slices"

	"heddle/internal/store"
)

// CreateAlias gives a version of a function a name.
func (c *Catalog) CreateAlias(ctx context.Context, name store.FunctionName, alias string, a Alias) (Alias, error) {
	return c.putAlias(ctx, name, alias, a, func(f *Function, taken bool) error {
		switch {
		case taken:
			return problem(AliasExists, "function %q has an alias %q already", f.Name, alias)
		case len(f.Aliases) >= aliasesMax:
			return problem(TooManyAliases, "function %q has %d aliases, as many as are allowed", f.Name, len(f.Aliases))
		}
		return nil
	})
}

// ChangeAlias gives an alias another meaning.
func (c *Catalog) ChangeAlias(ctx context.Context, name store.FunctionName, alias string, a Alias) (Alias, error) {
	return c.putAlias(ctx, name, alias, a, func(f *Function, taken bool) error {
		if !taken {
			return noAlias(f, alias)
		}
		return nil
	})
}

func noAlias(f *Function, alias string) error {
	return problem(NoAlias, "function %q has no alias %q", f.Name, alias)
}

func (c *Catalog) putAlias(ctx context.Context, name store.FunctionName, alias string, a Alias, allowed func(f *Function, taken bool) error) (Alias, error) {
	a.ModifiedAt = now()
	_, err := c.changeSettings(ctx, name, func(f *Function) error {
		_, taken := f.Aliases[alias]
		if err := allowed(f, taken); err != nil {
			return err
		}
		if err := c.checkAlias(ctx, *f, a); err != nil {
			return err
		}
		if f.Aliases == nil {
			f.Aliases = map[string]Alias{}
		}
		f.Aliases[alias] = a
		return nil
	})
	return a, err
}

// checkAlias refuses an alias of versions that are not there, or with weights
// that make no whole.
func (c *Catalog) checkAlias(ctx context.Context, f Function, a Alias) error {
	if _, err := c.Version(ctx, f, a.Version); err != nil {
		return err
	}
	sum := 0
	for _, version := range slices.Sorted(maps.Keys(a.Weights)) {
		weight := a.Weights[version]
		switch {
		case version == a.Version:
			return problem(BadWeights, "version %q is the alias's own: it gets what the weights of the others leave", version)
		case weight < 1 || weight > 100:
			return problem(BadWeights, "the weight of version %q is %d, it must be from 1 to 100", version, weight)
		}
		if _, err := c.Version(ctx, f, version); err != nil {
			return err
		}
		if sum += weight; sum > 100 {
			return problem(BadWeights, "the weights make more than 100 together")
		}
	}
	return nil
}

// DeleteAlias removes an alias.
func (c *Catalog) DeleteAlias(ctx context.Context, name store.FunctionName, alias string) error {
	_, err := c.changeSettings(ctx, name, func(f *Function) error {
		if _, ok := f.Aliases[alias]; !ok {
			return noAlias(f, alias)
		}
		delete(f.Aliases, alias)
		delete(f.Async, "!"+alias)
		return nil
	})
	return err
}
