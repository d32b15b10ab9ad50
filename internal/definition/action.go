package definition

import (
	"heddle/internal/payload"
)

// Action is one call of a function by a state.
type Action struct {
	Name     string
	Function string        // URN, as the document spells it
	Async    bool          // hand the call over and do not wait
	Filter   *payload.Path // selects from the function's result
	Timeout  int           // seconds, 1 to TimeoutMaxSeconds; the default is filled in
	Results  []ResultRule
}

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

func resultTargets(actions []Action) []string {
	var names []string
	for _, a := range actions {
		for _, r := range a.Results {
			if r.Next != "" {
				names = append(names, r.Next)
			}
		}
	}
	return names
}
