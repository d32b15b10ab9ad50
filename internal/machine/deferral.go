package machine

import (
	"fmt"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

// Deferral says that the function of an attempt has taken its input and reports
// the result later: the attempt goes on, and nothing is in hand for it any more.
// What it reports comes as an Answer, which may even be the first of the two.
type Deferral struct {
	Visit, Branch, Attempt int // those of the Call

	Due journal.Millis // when the attempt ends without a result
}

func (in Deferral) happen(t *turn) {
	if !t.x.Awaits(in.Visit, in.Branch, in.Attempt) || t.x.Branches[in.Branch].Due != 0 {
		return
	}
	a := actionOf(t.operation(t.x), in.Branch)
	t.record(journal.ActionDeferred{
		At: t.now, Action: a.Name, Branch: in.Branch, Attempt: in.Attempt, Due: max(in.Due, t.now),
	})
}

// Awaits reports whether the answer of an attempt is awaited.
func (x Execution) Awaits(visit, branch, attempt int) bool {
	if x.Status != journal.Running || visit != x.Visits || branch >= len(x.Branches) {
		return false
	}
	b := x.Branches[branch]
	return b.Status == journal.Running && b.Attempt == attempt
}

// overdue ends the attempts whose functions have not reported in time. The first
// of them may end the state, and the others with it.
func (t *turn) overdue() {
	for i := 0; i < len(t.x.Branches); i++ {
		b := t.x.Branches[i]
		if b.Status != journal.Running || b.Due == 0 || b.Due > t.now {
			continue
		}
		a := actionOf(t.operation(t.x), i)
		t.attemptFailed(a, i, callFailure(a, Failure{
			Name:    definition.FailureTimeout,
			Message: fmt.Sprintf("the function took the call and did not report its result within %d s", a.Timeout),
		}))
	}
}
