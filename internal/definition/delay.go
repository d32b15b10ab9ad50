package definition

// Delay waits, then passes its input on.
type Delay struct {
	Seconds int // 1 to DelayMaxSeconds
	Next    string
}

// Type returns DELAY.
func (*Delay) Type() Type { return TypeDelay }

var delayKind = kind{TypeDelay, passing("time-delay", "next-state"), parseDelay}

func parseDelay(o *object) Body {
	o.require("time-delay", codeDelayTime)
	o.require("next-state", codeDelayNext)
	return &Delay{
		Seconds: o.integer("time-delay", whole{1, DelayMaxSeconds, codeDelayTime}, 0),
		Next:    o.link("next-state", codeDelayNext),
	}
}
