// Package catalog keeps the functions that people create while the service
// runs, and finds the one that a call names: by its URN, with a version or an
// alias. Those that the configuration declares come first, and are not kept here.
//
// A function has one version that changes, latest, and published ones that do
// not. What belongs to a version is its code and its Properties; limits, aliases
// and the treatment of asynchronous invocations belong to the function. Secrets
// are sealed before they reach the store, and opened when a call needs them.
//
// The package knows neither HTTP nor the shapes of an API.
package catalog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/journal"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// What a project may have. Requests beyond it are refused with a Problem.
const (
	functionsMax = 1000
	versionsMax  = 100 // of a function, with the latest
	aliasesMax   = 20
	codeBytesMax = 4 << 30 // of all versions of all functions
)

// Store is what the catalog asks of the store.
type Store interface {
	store.Functions
	store.FunctionVersions
	store.FunctionConfigs
}

// Declared are the functions of the configuration, and the way to call one that
// is somewhere else.
type Declared interface {
	function.Invoker
	Declares(project, function string) bool
	Endpoint(url string, headers map[string]string) (function.Invoker, error)
	CallsMax(project, function string) int
}

// Catalog keeps functions. Its methods may be called from any goroutine.
type Catalog struct {
	region   string
	declared Declared
	store    Store
	box      *secret.Box
	runtime  function.Runtime // nil if none is enabled
	log      *slog.Logger

	mu    sync.Mutex
	known map[store.FunctionName]*found // guarded by mu
	turn  int                           // counts what was forgotten; guarded by mu
}

// New returns a catalog for one region. With runtime nil, functions whose code is
// kept here are stored, and not called.
func New(region string, declared Declared, st Store, box *secret.Box, runtime function.Runtime, log *slog.Logger) *Catalog {
	return &Catalog{
		region: region, declared: declared, store: st, box: box, runtime: runtime, log: log,
		known: map[store.FunctionName]*found{},
	}
}

// URN returns the URN of a function, with a version or an alias unless that is
// empty.
func (c *Catalog) URN(name store.FunctionName, version string) string {
	return urn.Function{
		Lead: "fss", Region: c.region, Project: name.Project, Package: name.Package, Name: name.Name, Version: version,
	}.String()
}

// Kind says what is wrong with a request.
type Kind int

// The kinds of Problem.
const (
	NoFunction Kind = iota + 1
	NoVersion
	NoAlias
	FunctionExists
	VersionExists
	AliasExists
	VersionInUse // an alias names it
	Unchanged    // since the last version was published
	OtherCode    // than the one that was named
	Changed      // by somebody else, meanwhile
	TooManyFunctions
	TooManyVersions
	TooManyAliases
	TooMuchCode
	Unfit // the runtime does not take it
	BadWeights
	BadTarget // the URL of a function that is elsewhere, or its headers
)

// Problem is a request that cannot be fulfilled, for whoever made it.
type Problem struct {
	Kind    Kind
	Message string
}

func (p *Problem) Error() string { return p.Message }

func problem(kind Kind, format string, args ...any) *Problem {
	return &Problem{kind, fmt.Sprintf(format, args...)}
}

// now is the time, as it is stored.
func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }

// Function returns a function.
func (c *Catalog) Function(ctx context.Context, name store.FunctionName) (Function, error) {
	stored, err := c.store.FunctionByName(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return Function{}, problem(NoFunction, "the project has no function %q in package %q", name.Name, name.Package)
	}
	if err != nil {
		return Function{}, err
	}
	return functionFrom(stored)
}

// List returns a page of a project's functions and the number of all that match.
func (c *Catalog) List(ctx context.Context, f store.FunctionFilter, page store.Page) ([]Function, int64, error) {
	stored, count, err := c.store.ListFunctions(ctx, f, page)
	if err != nil {
		return nil, 0, err
	}
	all := make([]Function, len(stored))
	for i, s := range stored {
		if all[i], err = functionFrom(s); err != nil {
			return nil, 0, err
		}
	}
	return all, count, nil
}

// Code returns the code of a version, or nothing if that is elsewhere.
func (c *Catalog) Code(ctx context.Context, v Version) ([]byte, error) {
	if v.Digest == "" {
		return nil, nil
	}
	return c.store.FunctionCode(ctx, v.Digest)
}

// Delete removes a function with all its versions and aliases, and the
// asynchronous invocations that still wait.
func (c *Catalog) Delete(ctx context.Context, f Function) error {
	err := c.store.DeleteFunction(ctx, f.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = problem(NoFunction, "the project has no function %q in package %q", f.Name, f.Package)
	}
	c.forget(f.FunctionName)
	return err
}
