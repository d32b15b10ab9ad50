// Package trigger knows the sources of events: what the definition of a trigger
// of each source may say, and which events a trigger is for (published API, page
// 创建工作流触发器).
//
// A trigger watches one resource of its source: an OBS bucket, an SMN topic, or
// for workers one type of message. A source is one file here, and one row of
// sources.
//
// The package does not know which triggers there are, nor what an event does.
package trigger

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"heddle/internal/payload"
	"heddle/internal/urn"
)

// Definition is a checked trigger_def. The zero Definition is no event's.
type Definition struct {
	Source string // one of the sources of package urn
	// Resource is what the trigger watches: the name of a bucket or of a topic,
	// or the type of a worker's message. It stands in the trigger's URN.
	Resource string
	// Region and Project own the resource, if the definition says so (SMN).
	Region, Project string

	rule rule // nil if every event of the resource is the trigger's
}

// rule is a source's own choice among the events of a resource.
type rule interface {
	matches(e Event) bool
	// overlaps reports whether there may be an event that both rules choose.
	overlaps(other rule) bool
}

// Event is what a trigger looks at in an event.
type Event struct {
	Source   string
	Resource string
	Type     string // OBS: what happened, such as ObjectCreated:Put
	Key      string // OBS: of the object, decoded
}

// Matches reports whether the event is for a trigger so defined.
func (d Definition) Matches(e Event) bool {
	return d.Source == e.Source && d.Resource == e.Resource && (d.rule == nil || d.rule.matches(e))
}

// Conflicts reports whether a bucket could not serve both triggers: they watch
// it for a type of event that they share, and there are keys that fit both.
func (d Definition) Conflicts(other Definition) bool {
	return d.Source == other.Source && d.Resource == other.Resource && d.rule != nil && d.rule.overlaps(other.rule)
}

// sources are the readers of definitions, by the name of the source.
var sources = map[string]func(o *payload.Value) (Definition, error){
	urn.SourceOBS:    parseOBS,
	urn.SourceSMN:    parseSMN,
	urn.SourceWorker: parseWorker,
}

// depthMax bounds the nesting of a definition. One that says nothing unknown has
// five levels.
const depthMax = 16

// Parse reads a trigger_def, the JSON text that defines a trigger of a source.
// Members that it does not know are ignored. Its errors are Faults.
func Parse(source, text string) (Definition, error) {
	if err := CheckSource(source); err != nil {
		return Definition{}, err
	}
	if text == "" {
		return Definition{}, fault(codeDefinition, "trigger_def is empty; it must be the JSON text of an object")
	}
	o, err := payload.Parse(text, depthMax)
	switch {
	case err != nil:
		return Definition{}, fault(codeSyntax, "trigger_def is not JSON: %v", err)
	case o.Kind() != payload.Object:
		return Definition{}, fault(codeDefinition, "trigger_def is %s; it must be the JSON text of an object", o.Kind())
	case len(o.Members()) == 0:
		return Definition{}, fault(codeDefinition, "trigger_def is an object that says nothing")
	}
	d, err := sources[source](o)
	d.Source = source
	return d, err
}

// sourceLengthMax is ours: the published API has a code for the name of a source
// that is too long, and no limit.
const sourceLengthMax = 32

// CheckSource returns what is wrong with the name of a source.
func CheckSource(source string) error {
	switch {
	case source == "":
		return fault(codeSourceEmpty, "event_source is empty; it must be %s", oneOf(slices.Sorted(maps.Keys(sources))))
	case len(source) > sourceLengthMax:
		return fault(codeSourceLength, "event_source has more than %d characters; it must be %s", sourceLengthMax, oneOf(slices.Sorted(maps.Keys(sources))))
	case sources[source] == nil:
		return fault(codeSource, "event_source is %q; it must be %s", source, oneOf(slices.Sorted(maps.Keys(sources))))
	}
	return nil
}

// Fault says what is wrong with a definition: a code of the published table, and
// a message that names the field and what would be right.
type Fault struct {
	Code    string
	Message string
}

func (f *Fault) Error() string { return f.Code + " " + f.Message }

func fault(code, format string, args ...any) error {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// excerpt returns a value's text, or the beginning of a long one.
func excerpt(v *payload.Value) string {
	const lengthMax = 80
	text := []rune(v.Text())
	if len(text) <= lengthMax {
		return v.Text()
	}
	return string(text[:lengthMax]) + "…"
}

func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
