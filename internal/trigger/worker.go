package trigger

import (
	"slices"

	"heddle/internal/payload"
)

// The types of message that a worker sends; the resources of Worker triggers.
const (
	WorkRequest = "WorkRequest"
	HeartBeat   = "HeartBeat"
	WorkSuccess = "WorkSuccess"
	WorkFailure = "WorkFailure"
)

var messages = []string{WorkRequest, HeartBeat, WorkSuccess, WorkFailure}

// messageLengthMax is ours: the table has a code for a type that is too long, and
// no limit.
const messageLengthMax = 32

// parseWorker reads {"type": "WorkRequest"}.
func parseWorker(o *payload.Value) (Definition, error) {
	v := o.Member("type")
	if v == nil || v.Kind() == payload.String && v.Str() == "" {
		return Definition{}, fault(codeMessageEmpty, "type is missing in trigger_def; it must be %s", oneOf(messages))
	}
	switch text := v.Str(); {
	case v.Kind() != payload.String:
		return Definition{}, fault(codeDefinition, "type is %s; it must be a string: %s", v.Kind(), oneOf(messages))
	case len(text) > messageLengthMax:
		return Definition{}, fault(codeMessageLength, "type has more than %d characters; it must be %s", messageLengthMax, oneOf(messages))
	case !slices.Contains(messages, text):
		return Definition{}, fault(codeMessage, "type is %q; it must be %s", text, oneOf(messages))
	}
	return Definition{Resource: v.Str()}, nil
}
