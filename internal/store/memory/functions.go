package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"heddle/internal/store"
)

// function is one that is not deleted.
type function struct {
	store.Function                                  // but for Latest
	versions       map[string]store.FunctionVersion // by name, the latest among them
}

// copyFunctions gives a new store the functions and invocations of this one.
func (d *data) copyFunctions(c *Store) {
	c.lastFunction, c.lastFunctionRevision = d.lastFunction, d.lastFunctionRevision
	for id, f := range d.functions {
		c.functions[id] = &function{Function: f.Function, versions: maps.Clone(f.versions)}
	}
	maps.Copy(c.code, d.code)
	for id, inv := range d.invocations {
		copied := *inv
		c.invocations[id] = &copied
	}
}

// shown returns the function as its readers see it.
func (f *function) shown() store.Function {
	shown := f.Function
	shown.Latest = f.versions[store.VersionLatest]
	return shown
}

// function returns a function, or ErrNotFound.
func (d *data) function(id store.FunctionID) (*function, error) {
	f, ok := d.functions[id]
	if !ok {
		return nil, store.ErrNotFound
	}
	return f, nil
}

// CreateFunction stores a function with its latest version.
func (s *Store) CreateFunction(ctx context.Context, f store.Function, code *store.Code) (store.Function, error) {
	err := s.write(ctx, "CreateFunction", func() error {
		for _, other := range s.functions {
			if other.FunctionName == f.FunctionName {
				return store.ErrExists
			}
		}
		s.lastFunction++
		f.ID, f.Settings.Revision = s.lastFunction, 1
		f.Settings.Text = slices.Clone(f.Settings.Text)
		stored := &function{Function: f, versions: map[string]store.FunctionVersion{}}
		s.functions[f.ID] = stored
		f.Latest.Revision = s.addVersion(stored, f.Latest, code)
		return nil
	})
	return f, err
}

// FunctionByName returns a function.
func (s *Store) FunctionByName(ctx context.Context, name store.FunctionName) (store.Function, error) {
	var found store.Function
	err := s.read(ctx, "FunctionByName", func() error {
		for _, f := range s.functions {
			if f.FunctionName == name {
				found = f.shown()
				return nil
			}
		}
		return store.ErrNotFound
	})
	return found, err
}

// ListFunctions returns a page of a project's functions.
func (s *Store) ListFunctions(ctx context.Context, filter store.FunctionFilter, page store.Page) ([]store.Function, int64, error) {
	var all []store.Function
	err := s.read(ctx, "ListFunctions", func() error {
		for _, id := range slices.Sorted(maps.Keys(s.functions)) {
			f := s.functions[id]
			if f.Project == filter.Project && (filter.Package == "" || f.Package == filter.Package) &&
				strings.HasPrefix(f.Name, filter.NamePrefix) {
				all = append(all, f.shown())
			}
		}
		return nil
	})
	return part(all, page), int64(len(all)), err
}

// part returns the part of a list at the page's offset.
func part[T any](all []T, page store.Page) []T {
	all = all[min(page.Offset, len(all)):]
	return all[:min(page.Limit, len(all))]
}

// ChangeSettings stores new settings.
func (s *Store) ChangeSettings(ctx context.Context, id store.FunctionID, from int, text []byte) (int, error) {
	var revision int
	err := s.write(ctx, "ChangeSettings", func() error {
		f, err := s.function(id)
		if err != nil {
			return err
		}
		if f.Settings.Revision != from {
			return store.ErrStale
		}
		revision = from + 1
		f.Settings = store.Settings{Revision: revision, Text: slices.Clone(text)}
		return nil
	})
	return revision, err
}

// DeleteFunction removes a function, but not its invocations.
func (s *Store) DeleteFunction(ctx context.Context, id store.FunctionID) error {
	return s.write(ctx, "DeleteFunction", func() error {
		if _, err := s.function(id); err != nil {
			return err
		}
		delete(s.functions, id)
		return nil
	})
}

// addVersion stores a version and its code, and returns the version's revision.
// Code is kept for ever: it is for tests.
func (d *data) addVersion(f *function, v store.FunctionVersion, code *store.Code) store.FunctionRevision {
	if code != nil {
		d.code[code.Digest] = slices.Clone(code.Body)
	}
	d.lastFunctionRevision++
	v.Revision = d.lastFunctionRevision
	v.Config = slices.Clone(v.Config)
	f.versions[v.Version] = v
	return v.Revision
}

// at returns a function whose latest version has the revision.
func (d *data) at(id store.FunctionID, from store.FunctionRevision) (*function, error) {
	f, err := d.function(id)
	if err == nil && f.versions[store.VersionLatest].Revision != from {
		err = store.ErrStale
	}
	return f, err
}

// UpdateLatest stores a new latest version.
func (s *Store) UpdateLatest(ctx context.Context, id store.FunctionID, from store.FunctionRevision, v store.FunctionVersion, code *store.Code) (store.FunctionRevision, error) {
	var revision store.FunctionRevision
	err := s.write(ctx, "UpdateLatest", func() error {
		f, err := s.at(id, from)
		if err == nil {
			revision = s.addVersion(f, v, code)
		}
		return err
	})
	return revision, err
}

// PublishVersion stores a version beside the latest.
func (s *Store) PublishVersion(ctx context.Context, id store.FunctionID, from store.FunctionRevision, v store.FunctionVersion) (store.FunctionRevision, error) {
	var revision store.FunctionRevision
	err := s.write(ctx, "PublishVersion", func() error {
		f, err := s.at(id, from)
		if err != nil {
			return err
		}
		if _, taken := f.versions[v.Version]; taken {
			return store.ErrExists
		}
		revision = s.addVersion(f, v, nil)
		return nil
	})
	return revision, err
}

// FunctionVersion returns one version of a function.
func (s *Store) FunctionVersion(ctx context.Context, id store.FunctionID, version string) (store.FunctionVersion, error) {
	var found store.FunctionVersion
	err := s.read(ctx, "FunctionVersion", func() error {
		f, err := s.function(id)
		if err != nil {
			return err
		}
		v, ok := f.versions[version]
		if !ok {
			return store.ErrNotFound
		}
		found = v
		return nil
	})
	return found, err
}

// ListFunctionVersions returns a page of a function's versions.
func (s *Store) ListFunctionVersions(ctx context.Context, id store.FunctionID, page store.Page) ([]store.FunctionVersion, int64, error) {
	var all []store.FunctionVersion
	err := s.read(ctx, "ListFunctionVersions", func() error {
		if f, ok := s.functions[id]; ok {
			all = slices.Collect(maps.Values(f.versions))
		}
		slices.SortFunc(all, func(a, b store.FunctionVersion) int {
			if (a.Version == store.VersionLatest) != (b.Version == store.VersionLatest) {
				if a.Version == store.VersionLatest {
					return -1
				}
				return 1
			}
			return cmp.Compare(b.Revision, a.Revision)
		})
		return nil
	})
	return part(all, page), int64(len(all)), err
}

// DeleteFunctionVersion removes a published version.
func (s *Store) DeleteFunctionVersion(ctx context.Context, id store.FunctionID, from int, version string) error {
	return s.write(ctx, "DeleteFunctionVersion", func() error {
		f, err := s.function(id)
		if err != nil {
			return err
		}
		if f.Settings.Revision != from {
			return store.ErrStale
		}
		if _, ok := f.versions[version]; !ok || version == store.VersionLatest {
			return store.ErrNotFound
		}
		delete(f.versions, version)
		return nil
	})
}

// FunctionCode returns the code of a digest that a version has.
func (s *Store) FunctionCode(ctx context.Context, digest string) ([]byte, error) {
	var body []byte
	err := s.read(ctx, "FunctionCode", func() error {
		for _, f := range s.functions {
			for _, v := range f.versions {
				if v.Digest == digest {
					body = slices.Clone(s.code[digest])
					return nil
				}
			}
		}
		return store.ErrNotFound
	})
	return body, err
}

// FunctionBytes returns how much code a project's functions have.
func (s *Store) FunctionBytes(ctx context.Context, project string) (int64, error) {
	var n int64
	err := s.read(ctx, "FunctionBytes", func() error {
		for _, f := range s.functions {
			if f.Project != project {
				continue
			}
			for _, v := range f.versions {
				n += int64(len(s.code[v.Digest]))
			}
		}
		return nil
	})
	return n, err
}
