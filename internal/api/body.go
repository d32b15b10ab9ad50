package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"heddle/internal/exchange"
	"heddle/internal/payload"
)

// depthMax is how deep a body may be nested, and the input of an execution.
const depthMax = 64

// object is a JSON object of a request's body.
type object struct {
	name  string // as messages call it
	value *payload.Value
}

// bodyCodes are the codes for a body that is missing, is not JSON, or is not an
// object.
type bodyCodes struct{ none, syntax, kind string }

// object reads the request's body, which must be a JSON object.
func (r *request) object() (object, error) {
	return r.objectOr(bodyCodes{none: codeNoBody, syntax: codeSyntax, kind: codeParameter})
}

// objectOr is object for calls that have codes of their own.
func (r *request) objectOr(codes bodyCodes) (object, error) {
	text, err := r.text()
	if err != nil {
		return object{}, err
	}
	value, err := payload.Parse(text, depthMax)
	switch {
	case strings.TrimSpace(text) == "":
		return object{}, refuse(codes.none, "send a JSON object in the body")
	case err != nil:
		return object{}, refuse(codes.syntax, "%s", faultText(err))
	case value.Kind() == payload.Null, value.Kind() == payload.Object && len(value.Members()) == 0:
		return object{}, refuse(codes.none, "the body %s says nothing; send a JSON object with the fields of the call", value.Text())
	case value.Kind() != payload.Object:
		return object{}, refuse(codes.kind, "the body must be a JSON object, not %s", kindName(value))
	}
	return object{"the body", value}, nil
}

// faultText says where a text is not JSON, and why.
func faultText(err error) string {
	var fault *payload.SyntaxError
	if !errors.As(err, &fault) {
		return err.Error()
	}
	if fault.Pointer == "" {
		return fmt.Sprintf("at byte %d: %s", fault.Offset, fault.Message)
	}
	return fmt.Sprintf("at byte %d (%s): %s", fault.Offset, fault.Pointer, fault.Message)
}

// text reads the request's body, if it is not too long.
func (r *request) text() (string, error) {
	text, err := r.ReadBody(r.bodyMax)
	return text, bodyFault(err)
}

// bodyFault tells why a body was not read. Other errors it returns as they are.
func bodyFault(err error) error {
	var tooLong *exchange.TooLongError
	switch {
	case errors.As(err, &tooLong):
		return refuseUnread(codeTooLarge, "%v", err)
	case errors.Is(err, exchange.ErrNoLength):
		fault := refuseUnread(codeParameter, "%v", err)
		fault.status = http.StatusLengthRequired
		return fault
	case errors.Is(err, exchange.ErrBroken):
		return refuse(codeSyntax, "%v", err)
	}
	return err
}

// refuseUnread refuses a body that is left unread, and the connection with it.
func refuseUnread(code, format string, args ...any) *refusal {
	r := refuse(code, format, args...)
	r.header = exchange.Unread()
	return r
}

// field returns a member that must be there and be of one kind, or refuses
// with the code.
func (o object) field(name string, kind payload.Kind, code string) (*payload.Value, error) {
	v := o.value.Member(name)
	switch {
	case v == nil:
		return nil, refuse(code, "%s is missing in %s; it must be %s", name, o.name, kindNames[kind])
	case v.Kind() != kind:
		return nil, refuse(code, "%s must be %s, not %s", name, kindNames[kind], kindName(v))
	}
	return v, nil
}

// text returns a member that must be a string.
func (o object) text(name, code string) (string, error) {
	v, err := o.field(name, payload.String, code)
	if err != nil {
		return "", err
	}
	return v.Str(), nil
}

// only refuses members other than the named ones.
func (o object) only(names ...string) error { return o.onlyOr(codeUnknownField, names...) }

// onlyOr is only for calls that have a code of their own.
func (o object) onlyOr(code string, names ...string) error {
	for _, m := range o.value.Members() {
		if !slices.Contains(names, m.Name) {
			return refuse(code, "%s has the field %q; its fields are %s", o.name, m.Name, strings.Join(names, ", "))
		}
	}
	return nil
}

var kindNames = map[payload.Kind]string{
	payload.Null:   "null",
	payload.Bool:   "a boolean",
	payload.Number: "a number",
	payload.String: "a string",
	payload.Array:  "an array",
	payload.Object: "an object",
}

func kindName(v *payload.Value) string { return kindNames[v.Kind()] }
