package machine

import (
	"slices"

	"heddle/internal/definition"
	"heddle/internal/journal"
)

// attemptFailed ends an attempt and does what the first result rule that
// matches the failure says: try again, go elsewhere, or end the execution.
func (t *turn) attemptFailed(a *definition.Action, branch int, f journal.Failure) {
	b := t.x.Branches[branch]
	ended := journal.ActionEnded{
		At: t.now, Action: a.Name, Branch: branch, Attempt: b.Attempt, Status: statusFrom(f), Failure: &f,
	}
	i := slices.IndexFunc(a.Results, func(r definition.ResultRule) bool { return r.Matches(f.Name) })
	var rule definition.ResultRule
	if i >= 0 {
		rule = a.Results[i]
	}
	if i >= 0 && b.retries(i) < rule.RetryMax {
		ended.Rule = i
		ended.RetryAt = t.now + journal.Millis(rule.RetryInterval)*1000
		t.record(ended)
		t.retry()
		return
	}
	t.record(ended)
	final := failure{Failure: f, state: t.x.State, action: a.Name, attempts: b.Attempt}
	if rule.RetryMax > 0 {
		final.Code = codeRetriesUsedUp
	}
	if rule.Next != "" && !rule.Terminal {
		t.leaveFailed(final, rule.Next)
		return
	}
	t.fail(final)
}

func (b Branch) retries(rule int) int {
	if rule < len(b.Retries) {
		return b.Retries[rule]
	}
	return 0
}

// retry begins the next attempt of every branch whose time for it has come.
func (t *turn) retry() {
	for i := range t.x.Branches {
		b := t.x.Branches[i]
		if b.RetryAt != 0 && b.RetryAt <= t.now {
			t.begin(actionOf(t.operation(t.x), i), i, b.Attempt+1, b.Input)
		}
	}
}
