// Package urn names things: it reads and writes the URNs of graphs, executions,
// timers, triggers and functions, as the published API spells them (api reference,
// "Identifiers").
//
// A URN is text with colons. Parsing checks the form only; whether region and
// project are the caller's, and whether the named thing exists, is for others
// to find out. The package knows no storage, no HTTP and no time.
package urn

import (
	"fmt"
	"strings"
)

// Graph names a graph: urn:fgs:{region}:{project}:graph:{name}.
type Graph struct{ Region, Project, Name string }

func (g Graph) String() string {
	return "urn:fgs:" + g.Region + ":" + g.Project + ":graph:" + g.Name
}

// ParseGraph reads a graph URN.
func ParseGraph(text string) (Graph, error) {
	f, err := split(text, "urn:fgs:{region}:{project}:graph:{name}")
	if err != nil {
		return Graph{}, err
	}
	return Graph{Region: f[2], Project: f[3], Name: f[5]}, nil
}

// Execution names one run of a graph:
// urn:fgs:{region}:{project}:execution:{graph}:{name}:{id}, where id is 32
// lower-case hexadecimal digits made by the service. The name may hold any
// Unicode letter, but no colon.
type Execution struct{ Region, Project, Graph, Name, ID string }

func (x Execution) String() string {
	return "urn:fgs:" + x.Region + ":" + x.Project + ":execution:" + x.Graph + ":" + x.Name + ":" + x.ID
}

// GraphURN returns the graph that the execution runs.
func (x Execution) GraphURN() Graph {
	return Graph{Region: x.Region, Project: x.Project, Name: x.Graph}
}

// ParseExecution reads an execution URN.
func ParseExecution(text string) (Execution, error) {
	const form = "urn:fgs:{region}:{project}:execution:{graph}:{name}:{id}"
	f, err := split(text, form)
	if err != nil {
		return Execution{}, err
	}
	if len(f[7]) != 32 || strings.Trim(f[7], "0123456789abcdef") != "" {
		return Execution{}, fmt.Errorf("the last field must be 32 lower-case hexadecimal digits, as in %s", form)
	}
	return Execution{Region: f[2], Project: f[3], Graph: f[5], Name: f[6], ID: f[7]}, nil
}

// Timer names a timer of a graph: urn:fgs:{region}:{project}:cron:{graph}:{name}.
type Timer struct{ Region, Project, Graph, Name string }

func (t Timer) String() string {
	return "urn:fgs:" + t.Region + ":" + t.Project + ":cron:" + t.Graph + ":" + t.Name
}

// ParseTimer reads a timer URN.
func ParseTimer(text string) (Timer, error) {
	f, err := split(text, "urn:fgs:{region}:{project}:cron:{graph}:{name}")
	if err != nil {
		return Timer{}, err
	}
	return Timer{Region: f[2], Project: f[3], Graph: f[5], Name: f[6]}, nil
}

// Trigger names an event trigger:
// urn:fgs:{region}:{project}:trigger:{source}_{resource}_{name}{uuid}_{seconds}.
// Resource and name may hold underscores, so only the source can be told from
// the text; the rest must be looked up.
type Trigger struct{ Region, Project, Source, Rest string }

// The event sources of triggers.
const (
	SourceOBS    = "OBS"
	SourceSMN    = "SMN"
	SourceWorker = "Worker"
)

// The types of Worker triggers: what a message of a worker says.
const (
	WorkRequest = "WorkRequest" // give me work
	HeartBeat   = "HeartBeat"   // I am at it
	WorkSuccess = "WorkSuccess" // it is done
	WorkFailure = "WorkFailure" // it cannot be done
)

// WorkerType returns the type of a Worker trigger, which is its resource; "" if
// the trigger is of another source, or its type is not one of the four.
func (t Trigger) WorkerType() string {
	resource, _, _ := strings.Cut(t.Rest, "_")
	switch {
	case t.Source != SourceWorker:
		return ""
	case resource == WorkRequest, resource == HeartBeat, resource == WorkSuccess, resource == WorkFailure:
		return resource
	}
	return ""
}

func (t Trigger) String() string {
	return "urn:fgs:" + t.Region + ":" + t.Project + ":trigger:" + t.Source + "_" + t.Rest
}

// ParseTrigger reads a trigger URN.
func ParseTrigger(text string) (Trigger, error) {
	const form = "urn:fgs:{region}:{project}:trigger:{source}_{resource}_{name}{uuid}_{seconds}"
	f, err := split(text, form)
	if err != nil {
		return Trigger{}, err
	}
	source, rest, ok := strings.Cut(f[5], "_")
	switch {
	case !ok || rest == "":
		return Trigger{}, fmt.Errorf("the last field must be a source, an underscore and a name, as in %s", form)
	case source != SourceOBS && source != SourceSMN && source != SourceWorker:
		return Trigger{}, fmt.Errorf("the source %q must be OBS, SMN or Worker", source)
	}
	return Trigger{Region: f[2], Project: f[3], Source: source, Rest: rest}, nil
}

// Function names a function: urn:fss:{region}:{project}:function:{package}:{name},
// then nothing, :{version} or :!{alias}. The older lead urn:cff is the same.
type Function struct {
	Lead                           string // "fss" or "cff"
	Region, Project, Package, Name string
	Version                        string // a version, "!alias", or empty, which means latest
}

// VersionLatest is the version meant where a function URN names none.
const VersionLatest = "latest"

func (f Function) String() string {
	s := "urn:" + f.Lead + ":" + f.Region + ":" + f.Project + ":function:" + f.Package + ":" + f.Name
	if f.Version != "" {
		s += ":" + f.Version
	}
	return s
}

// Canonical returns the function with lead fss and with its version spelled
// out, so that two names of one function compare equal.
func (f Function) Canonical() Function {
	f.Lead = "fss"
	if f.Version == "" {
		f.Version = VersionLatest
	}
	return f
}

// ParseFunction reads a function URN of seven or eight fields.
func ParseFunction(text string) (Function, error) {
	const form = "urn:fss:{region}:{project}:function:{package}:{name}[:{version}]"
	short := form[:strings.Index(form, "[")]
	newer := text
	if rest, older := strings.CutPrefix(text, "urn:cff:"); older {
		newer = "urn:fss:" + rest
	}
	f, err := split(newer, short)
	if err != nil {
		if f, err = split(newer, short+":{version}"); err != nil {
			return Function{}, fmt.Errorf("a function URN has the form %s", form)
		}
	}
	fn := Function{Lead: text[4:7], Region: f[2], Project: f[3], Package: f[5], Name: f[6]}
	if len(f) == 8 {
		fn.Version = f[7]
	}
	for _, part := range []string{fn.Region, fn.Project, fn.Package, fn.Name, strings.TrimPrefix(fn.Version, "!")} {
		if strings.Trim(part, nameCharacters) != "" {
			return Function{}, fmt.Errorf("%q has a character other than letters, digits, '-', '_' and '.'", part)
		}
	}
	if fn.Version == "!" {
		return Function{}, fmt.Errorf("the alias after '!' is missing, as in %s", form)
	}
	return fn, nil
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// split cuts text at its colons and compares it with form: literal fields must
// be equal, fields in braces must not be empty.
func split(text, form string) ([]string, error) {
	got, want := strings.Split(text, ":"), strings.Split(form, ":")
	if len(got) != len(want) {
		return nil, fmt.Errorf("it has %d fields, not the %d of %s", len(got), len(want), form)
	}
	for i, field := range want {
		variable := strings.HasPrefix(field, "{")
		if !variable && got[i] != field || variable && got[i] == "" {
			return nil, fmt.Errorf("field %d is %q, which does not fit %s", i+1, got[i], form)
		}
	}
	return got, nil
}
