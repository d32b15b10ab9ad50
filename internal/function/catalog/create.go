package catalog

import (
	"context"
	"errors"
	"maps"

	"heddle/internal/function"
	"heddle/internal/store"
)

// Draft is what a function is to be.
type Draft struct {
	Properties        // but for Secrets, SecretNames and CodeSize
	Secrets    string // a JSON object of texts; "" if there are none
	Code       []byte // nil if it is elsewhere
}

// Create stores a new function.
func (c *Catalog) Create(ctx context.Context, name store.FunctionName, d Draft) (Function, error) {
	exists := problem(FunctionExists, "the project has a function %q in package %q already", name.Name, name.Package)
	if c.declared.Declares(name.Project, c.URN(name, "")) {
		return Function{}, exists
	}
	if err := c.checkRoom(ctx, name.Project, len(d.Code)); err != nil {
		return Function{}, err
	}
	v := Version{Name: store.VersionLatest, ModifiedAt: now(), Properties: d.Properties}
	if err := c.seal(name, &v.Properties, d.Secrets); err != nil {
		return Function{}, err
	}
	code := v.take(d.Code)
	f := Function{FunctionName: name, Settings: Settings{InstancesMax: -1, CallsMax: 1}}
	if err := c.check(ctx, f, v, d.Code); err != nil {
		return Function{}, err
	}
	stored, err := c.store.CreateFunction(ctx, store.Function{
		FunctionName: name, CreatedAt: v.ModifiedAt,
		Settings: store.Settings{Text: encode(f.Settings)}, Latest: v.stored(),
	}, code)
	c.forget(name)
	if errors.Is(err, store.ErrExists) {
		return Function{}, exists
	}
	if err != nil {
		return Function{}, err
	}
	return functionFrom(stored)
}

// take makes the code that of the version, and returns it as it is stored.
func (v *Version) take(code []byte) *store.Code {
	v.CodeSize = int64(len(code))
	if code == nil {
		v.Digest = ""
		return nil
	}
	v.Digest = digest(code)
	return &store.Code{Digest: v.Digest, Body: code}
}

// checkRoom refuses a function, or its code, if the project has too much of it.
// Of several that are created at once, a few may go beyond.
func (c *Catalog) checkRoom(ctx context.Context, project string, code int) error {
	_, n, err := c.store.ListFunctions(ctx, store.FunctionFilter{Project: project}, store.Page{})
	if err != nil {
		return err
	}
	if n >= functionsMax {
		return problem(TooManyFunctions, "the project has %d functions, as many as are allowed", n)
	}
	return c.checkCodeRoom(ctx, project, code)
}

func (c *Catalog) checkCodeRoom(ctx context.Context, project string, code int) error {
	if code == 0 {
		return nil
	}
	bytes, err := c.store.FunctionBytes(ctx, project)
	if err == nil && bytes+int64(code) > codeBytesMax {
		err = problem(TooMuchCode, "the functions of the project have %d bytes of code in all their versions, %d are allowed", bytes, int64(codeBytesMax))
	}
	return err
}

// check refuses a version that could not be called.
func (c *Catalog) check(ctx context.Context, f Function, v Version, code []byte) error {
	if v.Runtime == RuntimeHTTP {
		_, err := c.endpoint(f.FunctionName, v)
		return err
	}
	if c.runtime == nil {
		return nil
	}
	s, err := c.spec(f, v)
	if err != nil {
		return err
	}
	if code != nil {
		s.Code = func(context.Context) ([]byte, error) { return code, nil }
	}
	if err := c.runtime.Check(ctx, s); err != nil {
		return problem(Unfit, "%v", err)
	}
	return nil
}

// endpoint returns the way to a function that is somewhere else. Its user data
// and its secrets are the headers of each call.
func (c *Catalog) endpoint(name store.FunctionName, v Version) (function.Invoker, error) {
	headers, err := texts(v.UserData)
	if err != nil {
		return nil, err
	}
	secrets, err := c.secrets(name, v.Secrets)
	if err != nil {
		return nil, err
	}
	if headers == nil {
		headers = map[string]string{}
	}
	maps.Copy(headers, secrets)
	invoker, err := c.declared.Endpoint(v.CodeURL, headers)
	if err != nil {
		return nil, problem(BadTarget, "%v", err)
	}
	return invoker, nil
}
