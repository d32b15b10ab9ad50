package definition

// End ends the execution; its input is the execution's output.
type End struct {
	Failure bool // status is FAILURE and not SUCCESS
}

// Type returns END.
func (*End) Type() Type { return TypeEnd }

func (*End) targets() []string { return nil }
