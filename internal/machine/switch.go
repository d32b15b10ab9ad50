package machine

import (
	"errors"
	"strings"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
)

// choose leaves a SWITCH for the state of the first choice that holds.
func (t *turn) choose(state *definition.State, body *definition.Switch, work string) {
	value, fault := parse(work)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	for i := range body.Choices {
		c := &body.Choices[i]
		chosen, err := holds(&c.Rule, value)
		if errors.Is(err, payload.ErrBudget) {
			t.fail(failure{
				Failure: journal.Failure{Name: failureBudgetExceeded, Code: codeLimitExceeded,
					Message: "a path of choices takes more work on this payload than is allowed"},
				state: state.Name,
			})
			return
		}
		if chosen {
			t.leave(state, work, c.Next)
			return
		}
	}
	if body.Default == "" {
		t.fail(failure{
			Failure: journal.Failure{Name: failureNoChoice, Code: codePathNotFound,
				Message: "no choice holds for the payload, and the state has no default"},
			state: state.Name,
		})
		return
	}
	t.leave(state, work, body.Default)
}

// holds evaluates a rule. What cannot be compared makes it false.
func holds(r *definition.Rule, v *payload.Value) (bool, error) {
	switch {
	case r.Not != nil:
		inner, err := holds(r.Not, v)
		return !inner, err
	case r.And != nil:
		return until(false, r.And, v)
	case r.Or != nil:
		return until(true, r.Or, v)
	}
	if !r.Path.Singular() {
		return false, nil // it yields an array, and no value of a rule is one
	}
	nodes, err := r.Path.Select(v)
	if err != nil || len(nodes) == 0 {
		return false, err
	}
	return compare(nodes[0], r.Operator, r.Value), nil
}

// until evaluates rules in order until one comes out as asked for, and returns
// that; if none does, it returns the opposite.
func until(want bool, rules []definition.Rule, v *payload.Value) (bool, error) {
	for i := range rules {
		got, err := holds(&rules[i], v)
		if err != nil || got == want {
			return got, err
		}
	}
	return !want, nil
}

func compare(got *payload.Value, op definition.Operator, want *payload.Value) bool {
	if got.Kind() != want.Kind() {
		return false
	}
	relation, isText := strings.CutPrefix(string(op), "Str")
	switch {
	case isText && got.Kind() == payload.String:
		return ordered(relation, strings.Compare(got.Str(), want.Str()))
	case !isText && got.Kind() == payload.Number:
		return ordered(relation, payload.CompareNumbers(got.Text(), want.Text()))
	case op == definition.OperatorEQ && got.Kind() == payload.Bool:
		return got.True() == want.True()
	}
	return false
}

func ordered(relation string, sign int) bool {
	switch relation {
	case "EQ":
		return sign == 0
	case "LT":
		return sign < 0
	case "LTEQ":
		return sign <= 0
	case "GT":
		return sign > 0
	default:
		return sign >= 0
	}
}
