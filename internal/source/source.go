// Package source reads what event sources send, in the forms in which they send
// it: object events in S3 form, notifications of topics, and CloudEvents. All
// become Events, which triggers match and graphs get.
//
// A form is one file. The package does not know which triggers there are, and
// keeps nothing: whoever reads an event has it accepted elsewhere.
package source

import (
	"crypto/sha256"
	"fmt"

	"heddle/internal/payload"
	"heddle/internal/trigger"
)

// Event is one event, as a source sent it.
type Event struct {
	trigger.Event
	// ID is the same when the source sends the event again, and that of no other
	// event of the project.
	ID string
	// Payload makes the message that a graph gets. It names the trigger that the
	// event fired, by its UUID.
	Payload func(uuid string) string
}

// The codes of events that cannot be read, as the published error table numbers
// them.
const (
	codeSource = "FGS.5004"
	codeSyntax = "FGS.5005"
	codeEvent  = "FGS.5006"
)

// Fault says why an event cannot be read: a code of the published table, and a
// message that names the field and what would be right.
type Fault struct {
	Code    string
	Message string
}

func (f *Fault) Error() string { return f.Code + " " + f.Message }

func fault(code, format string, args ...any) error {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// depthMax bounds the nesting of what is read.
const depthMax = 64

// object reads a JSON text that must be an object.
func object(text string) (*payload.Value, error) {
	o, err := payload.Parse(text, depthMax)
	switch {
	case err != nil:
		return nil, fault(codeSyntax, "the event is not JSON: %v", err)
	case o.Kind() != payload.Object:
		return nil, fault(codeEvent, "the event is %s; it must be an object", o.Kind())
	}
	return o, nil
}

// text returns a member that must be a string and not empty.
func text(o *payload.Value, what, name string) (string, error) {
	v := o.Member(name)
	switch {
	case v == nil || v.Kind() == payload.String && v.Str() == "":
		return "", fault(codeEvent, "%s has no %s", what, name)
	case v.Kind() != payload.String:
		return "", fault(codeEvent, "%s of %s is %s; it must be a string", name, what, v.Kind())
	}
	return v.Str(), nil
}

// optional returns a member that is a string, and "" for any other.
func optional(o *payload.Value, name string) string {
	if v := o.Member(name); v != nil {
		return v.Str()
	}
	return ""
}

// digest names a text that has no name of its own.
func digest(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
