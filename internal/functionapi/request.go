package functionapi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"heddle/internal/exchange"
	"heddle/internal/function/catalog"
	"heddle/internal/identity"
	"heddle/internal/store"
	"heddle/internal/urn"
)

const projectMax = 64

const (
	letters       = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lettersDigits = letters + "0123456789"
	nameSigns     = lettersDigits + "-_"
)

// consistsOf reports whether text has no character but those of set.
func consistsOf(text, set string) bool { return strings.Trim(text, set) == "" }

// request is a call on its way through an endpoint.
type request struct {
	*exchange.Exchange
	project string
	caller  identity.Caller
	bodyMax int64
}

// target is what the URN in a path names.
type target struct {
	store.FunctionName
	qualifier string // a version, "!alias", or ""
}

// target reads the URN in the path. That of another region or project names
// nothing that is there.
func (a *API) target(r *request) (target, error) {
	text := r.Param("function_urn")
	u, err := urn.ParseFunction(text)
	if err != nil {
		return target{}, refuse(codeParameter, "function_urn in the path: %v", err)
	}
	r.Note("function", text)
	if u.Region != a.cfg.Region || u.Project != r.project {
		return target{}, refuse(codeNoFunction, "the project has no function %s", text)
	}
	t := target{store.FunctionName{Project: u.Project, Package: u.Package, Name: u.Name}, u.Version}
	r.About = a.catalog.URN(t.FunctionName, strings.TrimPrefix(t.qualifier, store.VersionLatest))
	return t, nil
}

// function reads the URN in the path, and finds the function.
func (a *API) function(ctx context.Context, r *request) (catalog.Function, target, error) {
	t, err := a.target(r)
	if err != nil {
		return catalog.Function{}, target{}, err
	}
	f, err := a.catalog.Function(ctx, t.FunctionName)
	return f, t, err
}

// latest refuses a URN that names anything but the version that changes.
func (t target) latest() error {
	if t.qualifier != "" && t.qualifier != store.VersionLatest {
		return refuse(codeParameter, "function_urn names the version %q, and only latest can be changed", t.qualifier)
	}
	return nil
}

// text reads the body.
func (r *request) text() (string, error) {
	text, err := r.ReadBody(r.bodyMax)
	return text, bodyFault(err)
}

// bodyFault tells why a body was not read. Other errors it returns as they are.
func bodyFault(err error) error {
	var tooLong *exchange.TooLongError
	switch {
	case errors.As(err, &tooLong):
		fault := refuse(codeTooLarge, "%v", err)
		fault.header = exchange.Unread()
		return fault
	case errors.Is(err, exchange.ErrNoLength):
		fault := refuse(codeLength, "%v", err)
		fault.header = exchange.Unread()
		return fault
	case errors.Is(err, exchange.ErrBroken):
		return refuse(codeSyntax, "%v", err)
	}
	return err
}

// others takes the fields of a body that the struct around it does not have.
// They are ignored: the published API has many that mean nothing here. Those of
// which that would be wrong are refused by name.
type others struct {
	Others map[string]jsontext.Value `json:",embed"`
}

// body is what a request's body is read into.
type body interface {
	rest() map[string]jsontext.Value // the fields that are not the call's
}

func (o *others) rest() map[string]jsontext.Value { return o.Others }

// decode reads the body into a struct.
func (r *request) decode(into body) error {
	text, err := r.text()
	if err != nil {
		return err
	}
	return decode(text, into)
}

func decode(text string, into body) error {
	err := json.Unmarshal([]byte(text), into)
	var semantic *json.SemanticError
	isSemantic := errors.As(err, &semantic)
	switch {
	case err != nil && (!isSemantic || semantic.JSONPointer == ""):
		return refuse(codeSyntax, "it must be a JSON object: %s", faultText(err))
	case isSemantic && semantic.JSONPointer == "/func_code/file":
		return refuse(codeCode, "func_code.file must be a string of base64")
	case err != nil:
		return refuse(codeParameter, "%s", faultText(err))
	}
	for _, name := range missingFields {
		if value, ok := into.rest()[name]; ok && says(value) {
			return refuse(codeNotAvailable, "%s is not available here; leave it out", name)
		}
	}
	return nil
}

// missingFields are those of the published API that would change what a function
// does, and that this service does not have.
var missingFields = []string{
	"func_vpc", "mount_config", "custom_image", "gpu_memory", "gpu_type", "depend_version_list", "dependencies",
	"peering_cidr", "is_stateful_function", "pre_stop_handler", "restore_hook_handler", "heartbeat_handler",
	"code_encrypt_kms_key_id", "user_data_encrypt_kms_key_id", "ephemeral_storage", "additional_version_strategy",
}

// says reports whether a value asks for something.
func says(v jsontext.Value) bool {
	switch string(v) {
	case `null`, `""`, `false`, `0`, `[]`, `{}`:
		return false
	}
	return true
}

// faultText says where a text is not JSON, or not what it should be, and why.
func faultText(err error) string {
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("at byte %d: %v", syntax.ByteOffset, syntax.Err)
	case errors.As(err, &semantic):
		what := fmt.Sprintf("%s must not be %s", field(string(semantic.JSONPointer)), kindNames[semantic.JSONKind])
		if semantic.Err != nil {
			what += ": " + semantic.Err.Error()
		}
		return what
	}
	return err.Error()
}

func field(pointer string) string {
	if pointer == "" {
		return "the body"
	}
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}

var kindNames = map[jsontext.Kind]string{
	'n': "null", 't': "a boolean", 'f': "a boolean", '0': "that number", '"': "a string", '[': "an array", '{': "an object",
}
