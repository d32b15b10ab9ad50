package payload

// evaluation is one run of a query. It has its own steps, so that the query
// stays unchanged.
type evaluation struct {
	root    *Value
	steps   int      // that are left; once negative, results mean nothing
	pattern *pattern // the one last read from the payload, or nil
}

func newEvaluation(root *Value) *evaluation {
	return &evaluation{root: root, steps: StepsMax}
}

// spend takes steps from the budget and reports whether it held. Whoever
// loops stops when it does not; everything else may go on, since the result
// is thrown away.
func (e *evaluation) spend(steps int) bool {
	if e.steps >= 0 {
		e.steps -= steps
	}
	return e.steps >= 0
}

func (e *evaluation) exhausted() bool { return e.steps < 0 }

// bytesPerStep is how many bytes may be read for a step: so many that short
// texts cost one step, so few that a step stays below a microsecond.
const bytesPerStep = 64

// read spends what it costs to read that many bytes.
func (e *evaluation) read(bytes int) bool {
	return e.spend(1 + bytes/bytesPerStep)
}

// member returns the member of that name, or nil. A step is enough to look at
// 16 members with short names.
func (e *evaluation) member(v *Value, name string) *Value {
	if !e.spend(1 + len(v.members)*(1+len(name)/bytesPerStep)/16) {
		return nil
	}
	return v.Member(name)
}
