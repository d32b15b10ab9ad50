package definition

// Noop passes its input on.
type Noop struct {
	Next string
}

// Type returns NOOP.
func (*Noop) Type() Type { return TypeNoop }

var noopKind = kind{TypeNoop, passing("next-state"), parseNoop}

func parseNoop(o *object) Body {
	o.require("next-state", codeNoopNext)
	return &Noop{Next: o.link("next-state", codeNoopNext)}
}
