package catalog

import (
	"context"
	"errors"

	"heddle/internal/function"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// asProblem reports whether an error is a Problem, and which.
func asProblem(err error, p **Problem) bool { return errors.As(err, p) }

// Invoke calls the function that the request names. A function of another
// project or region is as unknown as one that is not there. A declared function
// comes before a stored one. Stored functions are called and waited for, also
// if the request is asynchronous.
func (c *Catalog) Invoke(ctx context.Context, r function.Request) function.Result {
	if c.declared.Declares(r.Project, r.Function) {
		return c.declared.Invoke(ctx, r)
	}
	name, qualifier, ok := c.Parse(r.Project, r.Function)
	if !ok {
		return unknown(r.Function)
	}
	f, err := c.find(ctx, name)
	if err != nil {
		return c.failure(r, err)
	}
	ready, err := c.callable(ctx, f, qualifier, r.InvocationID)
	if err != nil {
		return c.failure(r, err)
	}
	if f.InstancesMax == 0 {
		return function.Failed(function.TooManyRequests, "the function is disabled: its greatest number of instances is 0")
	}
	r.Function, r.Async = ready.spec.URN, false
	r.Timeout = min(r.Timeout, ready.spec.Timeout)
	switch {
	case ready.invoker != nil:
		return ready.invoker.Invoke(ctx, r)
	case c.runtime == nil:
		return function.Failed(function.FunctionStageUnavailable, "the runtime %s runs functions on this server, which is not enabled here", ready.spec.Runtime)
	}
	result := c.runtime.Invoke(ctx, ready.spec, r)
	result.Usage.MemoryMax = ready.spec.MemoryMiB
	return result
}

// Parse reads the URN of a function of the project and of this region.
func (c *Catalog) Parse(project, text string) (name store.FunctionName, qualifier string, ok bool) {
	u, err := urn.ParseFunction(text)
	if err != nil || u.Region != c.region || u.Project != project {
		return store.FunctionName{}, "", false
	}
	return store.FunctionName{Project: u.Project, Package: u.Package, Name: u.Name}, u.Version, true
}

func unknown(urn string) function.Result {
	return function.Failed(function.NotFound, "the project has no function %s", urn)
}

// failure returns what a call fails with that did not come to the function. The
// text of an unexpected error stays in the log.
func (c *Catalog) failure(r function.Request, err error) function.Result {
	var p *Problem
	switch {
	case asProblem(err, &p) && (p.Kind == NoFunction || p.Kind == NoVersion || p.Kind == NoAlias):
		return unknown(r.Function)
	case errors.Is(err, store.ErrUnavailable):
		return function.Failed(function.FunctionStageUnavailable, "the storage does not give the function now")
	}
	c.log.Error("a function cannot be made ready", "function", r.Function, "invocation", r.InvocationID, "error", err)
	if errors.Is(err, secret.ErrKey) || errors.Is(err, secret.ErrNoKey) {
		return function.Failed(function.FunctionStageOtherErrors, "the secrets of the function cannot be opened: this server does not have their key")
	}
	return function.Failed(function.FunctionStageOtherErrors, "the function cannot be made ready; the log of the service says why, under the invocation id %s", r.InvocationID)
}

// CallsMax returns how many calls of a function may be in flight at a time, or 0
// if nobody has said, or the function has not been called lately.
func (c *Catalog) CallsMax(project, urn string) int {
	if c.declared.Declares(project, urn) {
		return c.declared.CallsMax(project, urn)
	}
	name, _, ok := c.Parse(project, urn)
	if !ok {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.known[name]; f != nil && f.InstancesMax > 0 {
		return f.InstancesMax * f.CallsMax
	}
	return 0
}

// Stored reads the URN of a function that would be called from here, and not
// from the configuration. Whether it is there is not said.
func (c *Catalog) Stored(project, text string) (name store.FunctionName, qualifier string, ok bool) {
	if c.declared.Declares(project, text) {
		return store.FunctionName{}, "", false
	}
	return c.Parse(project, text)
}
