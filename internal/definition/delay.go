package definition

// Delay waits, then passes its input on.
type Delay struct {
	Seconds int // 1 to DelayMaxSeconds
	Next    string
}

// Type returns DELAY.
func (*Delay) Type() Type { return TypeDelay }

func (d *Delay) targets() []string { return []string{d.Next} }
