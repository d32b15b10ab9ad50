package function

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"heddle/internal/urn"
)

// Config says how functions are called.
type Config struct {
	ResultBytes   int            // of one answer; 256 KiB if 0
	CallsMax      int            // in flight at a time: as many connections to a host are kept, as many asynchronous answers awaited; 256 if 0
	DrainDuration time.Duration  // for which Run, once its context has ended, still awaits asynchronous answers
	Reach         Reach          // where calls may go
	RootCAs       *x509.CertPool // trusted for https; the system's if nil
	Resolver      *net.Resolver  // of the names in URLs; the system's if nil
}

func (c Config) validate() error {
	var problems []error
	if c.ResultBytes < 0 {
		problems = append(problems, fmt.Errorf("ResultBytes is %d and must not be negative", c.ResultBytes))
	}
	if c.CallsMax < 0 {
		problems = append(problems, fmt.Errorf("CallsMax is %d and must not be negative", c.CallsMax))
	}
	if c.DrainDuration < 0 {
		problems = append(problems, fmt.Errorf("DrainDuration is %v and must not be negative", c.DrainDuration))
	}
	return errors.Join(problems...)
}

// Declaration says where a function is found: a POST to URL calls it. A URN
// without a version declares the version latest.
type Declaration struct {
	URN     string
	URL     string            // http or https
	Headers map[string]string // sent with every call

	CallsMax int // in flight at a time; 0 if that is not said
}

// Registry holds the declared functions and calls them. It is never changed
// once made.
type Registry struct {
	functions map[string]entry // by every spelling of the function's URN, so that a call has nothing to parse
	client    *client
}

// entry is one function.
type entry struct {
	project  string
	invoker  Invoker
	callsMax int
}

// NewRegistry checks the declarations and returns the functions that they
// declare, or all that is wrong with them.
func NewRegistry(cfg Config, declarations []Declaration) (*Registry, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	r := &Registry{functions: make(map[string]entry), client: newClient(cfg)}
	var problems []error
	for i, d := range declarations {
		for _, err := range r.declare(d) {
			problems = append(problems, fmt.Errorf("functions[%d].%w", i, err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return r, nil
}

// declare adds a function and returns what is wrong with its declaration. The
// errors begin with the name of the field.
func (r *Registry) declare(d Declaration) []error {
	e, problems := newEndpoint(r.client, d.URL, d.Headers)
	name, err := urn.ParseFunction(d.URN)
	if err != nil {
		return append(problems, fmt.Errorf("urn: %q: %w", d.URN, err))
	}
	for _, spelling := range spellings(name) {
		if _, taken := r.functions[spelling]; taken {
			return append(problems, fmt.Errorf("urn: %q: the function is declared already, above", d.URN))
		}
		r.functions[spelling] = entry{project: name.Project, invoker: e, callsMax: d.CallsMax}
	}
	return problems
}

// spellings returns every text that names the function.
func spellings(f urn.Function) []string {
	f = f.Canonical()
	versions := []string{f.Version}
	if f.Version == urn.VersionLatest {
		versions = append(versions, "")
	}
	var texts []string
	for _, lead := range []string{"fss", "cff"} {
		for _, version := range versions {
			f.Lead, f.Version = lead, version
			texts = append(texts, f.String())
		}
	}
	return texts
}

// Invoke calls the function that the request names. A function of another
// project is as unknown as one that is not declared.
func (r *Registry) Invoke(ctx context.Context, request Request) Result {
	f, ok := r.functions[request.Function]
	if !ok || f.project != request.Project {
		return Failed(NotFound, "the project has no function %s", request.Function)
	}
	return f.invoker.Invoke(ctx, request)
}

// Declares reports whether Invoke would find the function.
func (r *Registry) Declares(project, function string) bool {
	f, ok := r.functions[function]
	return ok && f.project == project
}

// Endpoint returns a function behind a URL that is not declared, or what is
// wrong with it, as with a Declaration's.
func (r *Registry) Endpoint(url string, headers map[string]string) (Invoker, error) {
	e, problems := newEndpoint(r.client, url, headers)
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return e, nil
}

// CallsMax returns how many calls of a project's function may be in flight at a
// time, or 0 if its declaration does not say.
func (r *Registry) CallsMax(project, function string) int {
	if f := r.functions[function]; f.project == project {
		return f.callsMax
	}
	return 0
}

// Run lets asynchronous calls be made until ctx ends. Then it waits for the
// answers that are still to come, at most for the DrainDuration, and closes the
// idle connections: calls of every sort should have ended before.
func (r *Registry) Run(ctx context.Context) error {
	r.client.run(ctx)
	return nil
}
