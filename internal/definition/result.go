package definition

// ResultRule says what to do when an attempt of its action failed.
type ResultRule struct {
	Match         string // a failure name, or MatchAny
	RetryMax      int    // attempts beyond the first that this rule allows
	RetryInterval int    // seconds between attempts
	Next          string // the state entered after the last attempt; empty if there is none
	Terminal      bool   // end the execution after the last attempt
}

// The names that a result rule may match: MatchAny, and the failures of an
// attempt.
const (
	MatchAny                        = "MatchAny"
	FailureAction                   = "States.ActionFailed"
	FailurePermission               = "States.PermissionError"
	FailureParameter                = "States.ParameterError"
	FailureNotFound                 = "States.NotFound"
	FailureTooManyRequests          = "States.TooManyRequests"
	FailureFunctionStageUnavailable = "States.FunctionStageUnavailable"
	FailureFunctionStageOther       = "States.FunctionStageOtherErrors"
	FailureTimeout                  = "States.Timeout"
)

// Matches reports whether the rule is for failures of that name.
func (r ResultRule) Matches(name string) bool {
	return r.Match == MatchAny || r.Match == name
}

func (o *object) results() []ResultRule {
	var rules []ResultRule
	for _, n := range o.list("results") {
		rules = append(rules, o.c.readResult(n))
	}
	return rules
}

func (c *checker) readResult(n *node) ResultRule {
	o := c.object(n, codeResultEmpty, []string{
		"match", "retry-interval", "max-retry", "next-state", "is-terminal",
	})
	if o == nil {
		return ResultRule{}
	}
	o.require("match", codeResultMatch)
	return ResultRule{
		Match: oneOf(o, "match", codeResultMatch,
			MatchAny, FailureAction, FailurePermission, FailureParameter, FailureNotFound, FailureTooManyRequests,
			FailureFunctionStageUnavailable, FailureFunctionStageOther, FailureTimeout),
		RetryMax:      o.integer("max-retry", whole{0, RetryMax, codeResultRetries}, RetryDefault),
		RetryInterval: o.integer("retry-interval", whole{0, RetryIntervalMax, codeResultInterval}, RetryIntervalDefault),
		Next:          o.link("next-state", codeResultNext),
		Terminal:      o.boolean("is-terminal"),
	}
}
