package catalog

import (
	"context"
	"errors"

	"heddle/internal/store"
)

// attemptsMax is how often a change is made anew because somebody else changed
// the same function meanwhile.
const attemptsMax = 5

// changeLatest has edit change the latest version, and stores what it makes. The
// code that edit returns is new, or nil.
func (c *Catalog) changeLatest(ctx context.Context, name store.FunctionName, edit func(v *Version) (code []byte, err error)) (Function, error) {
	defer c.forget(name)
	for range attemptsMax {
		f, err := c.Function(ctx, name)
		if err != nil {
			return Function{}, err
		}
		v := f.Latest
		body, err := edit(&v)
		if err != nil {
			return Function{}, err
		}
		var code *store.Code
		if body != nil {
			code = v.take(body)
		}
		v.ModifiedAt = now()
		if err := c.check(ctx, f, v, body); err != nil {
			return Function{}, err
		}
		v.Revision, err = c.store.UpdateLatest(ctx, f.ID, f.Latest.Revision, v.stored(), code)
		if err == nil {
			f.Latest = v
			return f, nil
		}
		if err := goneOrStale(err, name); err != nil {
			return Function{}, err
		}
	}
	return Function{}, changedMeanwhile(name)
}

// changeSettings has edit change the settings, and stores what it makes.
func (c *Catalog) changeSettings(ctx context.Context, name store.FunctionName, edit func(f *Function) error) (Function, error) {
	defer c.forget(name)
	for range attemptsMax {
		f, err := c.Function(ctx, name)
		if err != nil {
			return Function{}, err
		}
		if err := edit(&f); err != nil {
			return Function{}, err
		}
		f.revision, err = c.store.ChangeSettings(ctx, f.ID, f.revision, encode(f.Settings))
		if err == nil {
			return f, nil
		}
		if err := goneOrStale(err, name); err != nil {
			return Function{}, err
		}
	}
	return Function{}, changedMeanwhile(name)
}

// goneOrStale returns nil if a change is to be made anew: if the function has
// been deleted, that comes out then.
func goneOrStale(err error, name store.FunctionName) error {
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func changedMeanwhile(name store.FunctionName) error {
	return problem(Changed, "function %q is being changed by others at the same time; nothing has been done, try again", name.Name)
}

// UpdateCode gives the latest version other code, or another place where that is.
func (c *Catalog) UpdateCode(ctx context.Context, name store.FunctionName, d Draft) (Function, error) {
	if err := c.checkCodeRoom(ctx, name.Project, len(d.Code)); err != nil {
		return Function{}, err
	}
	return c.changeLatest(ctx, name, func(v *Version) ([]byte, error) {
		v.CodeType, v.CodeURL, v.CodeFilename = d.CodeType, d.CodeURL, d.CodeFilename
		return d.Code, nil
	})
}

// UpdateConfig has edit change the properties of the latest version, but for the
// code. Secrets are given as a JSON object of texts; nil leaves them as they are.
func (c *Catalog) UpdateConfig(ctx context.Context, name store.FunctionName, secrets *string, edit func(p *Properties) error) (Function, error) {
	return c.changeLatest(ctx, name, func(v *Version) ([]byte, error) {
		if err := edit(&v.Properties); err != nil {
			return nil, err
		}
		if secrets == nil {
			return nil, nil
		}
		return nil, c.seal(name, &v.Properties, *secrets)
	})
}

// SetInstances limits the instances of a function, and the calls of each of
// them. Nil leaves a limit as it is.
func (c *Catalog) SetInstances(ctx context.Context, name store.FunctionName, instances, calls *int) (Function, error) {
	return c.changeSettings(ctx, name, func(f *Function) error {
		if instances != nil {
			f.InstancesMax = *instances
		}
		if calls != nil {
			f.CallsMax = *calls
		}
		return nil
	})
}
