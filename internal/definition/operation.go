package definition

import "heddle/internal/payload"

// Operation calls functions.
type Operation struct {
	Mode    ActionMode
	Actions []Action
	Extend  *payload.Path // dynamic-extend: selects the elements that the one action runs for; nil without
	Next    string
}

// Type returns OPERATION.
func (*Operation) Type() Type { return TypeOperation }

// Async reports whether the state hands its calls over without waiting for
// their results. All actions of a list have one invocation mode.
func (o *Operation) Async() bool { return len(o.Actions) > 0 && o.Actions[0].Async }

func (o *Operation) calls() []Action { return o.Actions }

var operationKind = kind{
	TypeOperation,
	passing("action-mode", "actions", "dynamic-extend", "next-state"),
	parseOperation,
}

func parseOperation(o *object) Body {
	o.requireSome("actions", codeActions)
	o.require("next-state", codeOperationNext)
	op := &Operation{Next: o.link("next-state", codeOperationNext)}
	op.Mode, op.Actions = o.actions(operationCodes)
	if extend := o.field("dynamic-extend", payload.String); extend != nil {
		op.Extend = o.path("dynamic-extend", codeField)
		if op.Mode == Sequential {
			o.c.report(codeExtendMode, extend, "dynamic-extend needs action-mode PARALLEL")
		}
		if len(op.Actions) > 1 {
			o.c.report(codeExtendCount, o.fields["actions"],
				"there are %d actions; with dynamic-extend there must be exactly one", len(op.Actions))
		}
	}
	return op
}
