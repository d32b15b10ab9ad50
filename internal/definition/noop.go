package definition

// Noop passes its input on.
type Noop struct {
	Next string
}

// Type returns NOOP.
func (*Noop) Type() Type { return TypeNoop }

func (n *Noop) targets() []string { return []string{n.Next} }
