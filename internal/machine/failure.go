package machine

import (
	"fmt"
	"strings"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
)

// The names of failures that no attempt of an action caused. Result rules do
// not match them.
const (
	failurePathNotFound     = "States.PathNotFound"
	failureResultNotObject  = "States.ResultNotObject"
	failureNoChoice         = "States.NoChoice"
	failureBudgetExceeded   = "States.BudgetExceeded"
	failureVisitsExceeded   = "States.VisitsExceeded"
	failureElementsExceeded = "States.ElementsExceeded"
	failurePayloadExceeded  = "States.PayloadExceeded"
	failureWrittenExceeded  = "States.JournalExceeded"
	failureEventTaken       = "States.EventTaken"
	failureAborted          = "States.Aborted"
)

// The codes of failures at run time (error codes, "Run time of an execution",
// and our own range).
const (
	codeResultNotJSON   = "FGS.2010"
	codeCallFailed      = "FGS.2011"
	codeHandoverFailed  = "FGS.2012"
	codeRetriesUsedUp   = "FGS.2013"
	codePathNotFound    = "FGS.2014"
	codeEventTaken      = "FGS.2015"
	codeResultNotObject = "FGS.2018"
	codeEnded           = "FGS.2022"
	codeTimedOut        = "FGS.2040"
	codeVisitsExceeded  = "FGS.9001"
	codeLimitExceeded   = "FGS.9007"
)

// failure is what a state or an execution failed of. Its JSON form is what the
// definition language calls the error object.
type failure struct {
	journal.Failure
	state    string
	action   string // "" if no action caused it
	attempts int    // of the action
}

// fault is a failure that no action caused, before it is known where it happened.
type fault journal.Failure

func (f *fault) at(state string) failure {
	return failure{Failure: journal.Failure(*f), state: state}
}

func (f failure) object() string {
	return fmt.Sprintf(`{"name":%s,"code":%s,"message":%s,"state":%s,"action":%s,"attempts":%d}`,
		payload.Quote(f.Name), payload.Quote(f.Code), payload.Quote(f.Message),
		payload.Quote(f.state), payload.Quote(f.action), f.attempts)
}

// statusFrom returns how an attempt, or the state that failed of it, has ended.
// The execution ends as FAILED either way.
func statusFrom(f journal.Failure) journal.Status {
	if f.Name == definition.FailureTimeout {
		return journal.Timeout
	}
	return journal.Failed
}

// fail ends the execution as FAILED, and with the failure the state in which it is.
func (t *turn) fail(f failure) {
	output := `{"error":` + f.object() + `}`
	t.abandon(f.Failure)
	if t.x.Next == "" {
		t.record(journal.StateExited{At: t.now, State: t.x.State, Status: statusFrom(f.Failure), Output: output})
	}
	t.record(journal.ExecutionEnded{At: t.now, Status: journal.Failed, Output: output})
}

// leaveFailed ends the current state with the failure and goes to the state
// that a result rule names, which gets the error and the failed state's input.
func (t *turn) leaveFailed(f failure, next string) {
	output := `{"error":` + f.object() + `,"input":` + t.x.Input + `}`
	t.abandon(f.Failure)
	t.record(journal.StateExited{At: t.now, State: t.x.State, Status: statusFrom(f.Failure), Output: output, Next: next})
}

// abandon ends the attempts that are still running, whose answers are not
// awaited any more, and tells those who wait for an answer of the state why
// they get none.
func (t *turn) abandon(f journal.Failure) {
	for i, b := range t.x.Branches {
		if b.Status == journal.Running {
			t.record(journal.ActionEnded{
				At: t.now, Action: actionOf(t.operation(t.x), i).Name, Branch: i, Attempt: b.Attempt, Status: journal.Aborted,
			})
		}
	}
	t.turnAway(t.x.Taken, f)
	t.turnAway(t.x.Kept, f)
}

func (t *turn) visitsExceeded() failure {
	return failure{
		Failure: journal.Failure{
			Name: failureVisitsExceeded, Code: codeVisitsExceeded,
			Message: fmt.Sprintf("the execution has visited %d states, the most that are allowed, and did not enter %q: does a loop never end?", t.x.Visits, t.x.Next),
		},
		state: t.x.State,
	}
}

// writtenMax bounds the payloads in one journal: it is held in memory whenever
// its execution moves, and a turn that needs more memory than there is would
// end the process, at every start again.
const writtenMax = 64 << 20

func (t *turn) writtenExceeded() failure {
	return failure{
		Failure: journal.Failure{
			Name: failureWrittenExceeded, Code: codeLimitExceeded,
			Message: fmt.Sprintf("the payloads of the execution have %d bytes, more than the %d that are allowed", t.x.Written, writtenMax),
		},
		state: t.x.State,
	}
}

// filter applies a payload filter of a state.
func filter(p *payload.Path, text string) (string, *fault) {
	selected, err := p.Filter(text)
	switch err {
	case nil:
		if selected == text {
			return text, nil // the turn's records share one copy
		}
		return selected, nil
	case payload.ErrBudget:
		return "", &fault{Name: failureBudgetExceeded, Code: codeLimitExceeded,
			Message: fmt.Sprintf("the query %s takes more work on this payload than is allowed", p)}
	case payload.ErrNothing:
		return "", &fault{Name: failurePathNotFound, Code: codePathNotFound,
			Message: fmt.Sprintf("the path %s does not exist in the payload", p)}
	default:
		return "", unreadable(err)
	}
}

// payloadNestingMax is what the JSON reader allows. Payloads are held to less
// where they come in, but what an execution makes of them nests deeper: the
// results of parallel actions, the input of a state that has failed.
const payloadNestingMax = 10_000

// parse reads a payload to look into it.
func parse(text string) (*payload.Value, *fault) {
	value, err := payload.Parse(text, payloadNestingMax)
	if err != nil {
		return nil, unreadable(err)
	}
	return value, nil
}

// unreadable is the fault of a payload that was JSON when it came in, and has
// been wrapped too often since.
func unreadable(err error) *fault {
	return &fault{Name: failurePayloadExceeded, Code: codeLimitExceeded,
		Message: "the payload cannot be read any more: " + err.Error()}
}

// filterResult applies a filter to the result of an action or of a state. Where
// it finds nothing because there is nothing to look into, it says that.
func filterResult(p *payload.Path, text string) (string, *fault) {
	selected, f := filter(p, text)
	if f == nil || f.Code != codePathNotFound || container(text) {
		return selected, f
	}
	return "", &fault{Name: failureResultNotObject, Code: codeResultNotObject,
		Message: fmt.Sprintf("the result is not an object, so that %s finds nothing in it", p)}
}

// container reports whether a valid JSON text is an object or an array.
func container(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return text[0] == '{' || text[0] == '['
}

// callFailure names a failed attempt by the code of its invocation mode.
func callFailure(a *definition.Action, f Failure) journal.Failure {
	code := codeCallFailed
	if a.Async {
		code = codeHandoverFailed
	}
	return journal.Failure{Name: f.Name, Code: code, Message: f.Message}
}
