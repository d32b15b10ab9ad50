package definition

// End ends the execution; its input is the execution's output.
type End struct {
	Failure bool // status is FAILURE and not SUCCESS
}

// Type returns END.
func (*End) Type() Type { return TypeEnd }

var endKind = kind{TypeEnd, []string{"type", "start", "status"}, parseEnd}

func parseEnd(o *object) Body {
	o.c.ends = append(o.c.ends, o.fields["type"])
	const success, failure = "SUCCESS", "FAILURE"
	return &End{Failure: oneOf(o, "status", codeField, success, failure) == failure}
}
