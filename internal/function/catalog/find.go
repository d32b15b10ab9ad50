package catalog

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/store"
)

// found is a function that was looked up, with its versions as far as they were
// called. It serves calls until the function is changed here, or for foundFor:
// other nodes may change it too.
type found struct {
	Function
	until time.Time

	mu       sync.Mutex
	versions map[string]*callable // guarded by mu
}

const (
	foundFor = time.Second
	// foundMax bounds what is kept. With more functions in use at once, some are
	// looked up more often.
	foundMax = 4096
)

// callable is a version that is ready to be called.
type callable struct {
	spec    function.Spec
	invoker function.Invoker // nil if the runtime calls it
}

// find returns a function by name, as it was a moment ago at the earliest.
func (c *Catalog) find(ctx context.Context, name store.FunctionName) (*found, error) {
	c.mu.Lock()
	f, turn := c.known[name], c.turn
	c.mu.Unlock()
	if f != nil && time.Now().Before(f.until) {
		return f, nil
	}
	until := time.Now().Add(foundFor)
	looked, err := c.Function(ctx, name)
	if err != nil {
		return nil, err
	}
	f = &found{Function: looked, until: until, versions: map[string]*callable{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turn == turn { // else it may have been read before a change
		if len(c.known) >= foundMax {
			clear(c.known)
		}
		c.known[name] = f
	}
	return f, nil
}

// forget has the function looked up anew.
func (c *Catalog) forget(name store.FunctionName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	delete(c.known, name)
}

// resolve returns the version that a qualifier means for one call: latest, a
// published version, "!alias", or an alias whose name no version has.
func (f *found) resolve(qualifier, invocation string) (version string, err error) {
	name, marked := strings.CutPrefix(qualifier, "!")
	alias, ok := f.Aliases[name]
	switch {
	case marked && !ok:
		return "", noAlias(&f.Function, name)
	case marked:
		return alias.pick(invocation), nil
	}
	return cmp.Or(qualifier, store.VersionLatest), nil
}

// pick chooses a version by weight. One invocation always gets the same.
func (a Alias) pick(invocation string) string {
	if len(a.Weights) == 0 {
		return a.Version
	}
	hash := sha256.Sum256([]byte(invocation)) // ids that count up must spread
	point := int(binary.BigEndian.Uint32(hash[:]) % 100)
	for _, version := range slices.Sorted(maps.Keys(a.Weights)) {
		if point -= a.Weights[version]; point < 0 {
			return version
		}
	}
	return a.Version
}

// callable returns a version of a found function, ready to be called.
func (c *Catalog) callable(ctx context.Context, f *found, qualifier, invocation string) (*callable, error) {
	version, err := f.resolve(qualifier, invocation)
	if err != nil {
		return nil, err
	}
	ready, err := c.version(ctx, f, version)
	var missing *Problem
	if alias, ok := f.Aliases[version]; ok && asProblem(err, &missing) && missing.Kind == NoVersion {
		return c.version(ctx, f, alias.pick(invocation))
	}
	return ready, err
}

// version makes a version ready, once.
func (c *Catalog) version(ctx context.Context, f *found, version string) (*callable, error) {
	f.mu.Lock()
	ready := f.versions[version]
	f.mu.Unlock()
	if ready != nil {
		return ready, nil
	}
	v, err := c.Version(ctx, f.Function, version)
	if err != nil {
		return nil, err
	}
	ready = &callable{}
	if ready.spec, err = c.spec(f.Function, v); err != nil {
		return nil, err
	}
	if v.Runtime == RuntimeHTTP {
		if ready.invoker, err = c.endpoint(f.FunctionName, v); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.versions[version] = ready
	return ready, nil
}

// spec returns what a runtime needs to know of a version.
func (c *Catalog) spec(f Function, v Version) (function.Spec, error) {
	userData, err := texts(v.UserData)
	if err != nil {
		return function.Spec{}, err
	}
	secrets, err := c.secrets(f.FunctionName, v.Secrets)
	if err != nil {
		return function.Spec{}, err
	}
	return function.Spec{
		URN: c.URN(f.FunctionName, v.Name), Project: f.Project, Package: f.Package, Name: f.Name,
		Version: v.Name, Revision: int64(v.Revision),
		Runtime: v.Runtime, Handler: v.Handler,
		InitializerHandler: v.InitializerHandler, InitializerTimeout: time.Duration(v.InitializerTimeout) * time.Second,
		Timeout: time.Duration(v.Timeout) * time.Second, MemoryMiB: v.MemorySize,
		UserData: userData, Secrets: secrets,
		InstancesMax: f.InstancesMax, CallsMax: f.CallsMax,
		CodeType: v.CodeType, Digest: v.Digest,
		Code: func(ctx context.Context) ([]byte, error) { return c.store.FunctionCode(ctx, v.Digest) },
	}, nil
}
