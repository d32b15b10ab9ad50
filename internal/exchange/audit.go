package exchange

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/go-chi/chi/v5"

	"heddle/internal/audit"
)

// Choose adds to what the audit log says of the exchange: what its body says and
// others must be able to look up. It is no secret.
func (x *Exchange) Choose(name string, value any) {
	x.choices = append(x.choices, fmt.Sprintf("%s=%v", name, value))
}

// Entry returns what the audit log says of the exchange, but for who asks.
func (x *Exchange) Entry(action, project string) audit.Entry {
	from := x.RemoteAddr
	if address, ok := Address(from); ok {
		from = address.String()
	}
	object, rest := x.named()
	return audit.Entry{
		Action: action, Project: project,
		Object: cmp.Or(x.About, object, x.ShownPath()), Detail: strings.Join(rest, ", "), Address: from, Request: x.ID,
	}
}

// Result returns what has become of the exchange, for the audit log.
func (x *Exchange) Result(status int, code string) audit.Result {
	_, rest := x.named()
	return audit.Result{Object: x.About, Detail: strings.Join(append(rest, x.choices...), ", "), Status: status, Code: code}
}

// named returns what the path names beside the project: the first parameter is what
// a call is about, the others say more of it.
func (x *Exchange) named() (object string, rest []string) {
	route := chi.RouteContext(x.Context())
	if route == nil || x.Shown != "" { // what the path names is a secret
		return "", nil
	}
	for _, name := range route.URLParams.Keys {
		switch value := x.Param(name); {
		case name == "project_id", name == "*":
		case object == "":
			object = value
		default:
			rest = append(rest, name+"="+value)
		}
	}
	return object, rest
}
