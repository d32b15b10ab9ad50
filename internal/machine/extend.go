package machine

import (
	"fmt"

	"heddle/internal/definition"
	"heddle/internal/journal"
	"heddle/internal/payload"
)

// extend begins a dynamic-extend: the one action, once for each element, some
// of them at a time.
func (t *turn) extend(state *definition.State, o *definition.Operation, work string) {
	elements, fault := t.elements(o)
	if fault != nil {
		t.fail(fault.at(state.Name))
		return
	}
	if len(elements) > t.Limits.Elements {
		t.fail(failure{
			Failure: journal.Failure{Name: failureElementsExceeded, Code: codeLimitExceeded,
				Message: fmt.Sprintf("dynamic-extend %s selects %d elements, more than the %d that are allowed", o.Extend, len(elements), t.Limits.Elements)},
			state: state.Name,
		})
		return
	}
	switch {
	case len(elements) == 0 && o.Async():
		t.leave(state, work, o.Next)
	case len(elements) == 0:
		t.leave(state, "[]", o.Next)
	}
	for i := 0; i < len(elements) && i < t.Limits.ElementsAtOnce; i++ {
		t.begin(&o.Actions[0], i, 1, elements[i])
	}
}

// elements returns the elements that a dynamic-extend runs for. They follow
// from the state's input, and are kept with the execution while it is in
// memory, since each answer needs them.
func (t *turn) elements(o *definition.Operation) ([]string, *fault) {
	if t.x.elements != nil {
		return t.x.elements, nil
	}
	work, f := filter(t.Definition.State(t.x.State).FilterIn, t.x.Input)
	if f != nil {
		return nil, f
	}
	selected, f := filter(o.Extend, work)
	if f != nil {
		return nil, f
	}
	list, f := parse(selected)
	if f != nil {
		return nil, f
	}
	if list.Kind() != payload.Array {
		return nil, &fault{Name: failurePathNotFound, Code: codePathNotFound,
			Message: fmt.Sprintf("dynamic-extend %s selects no array", o.Extend)}
	}
	items := list.Items()
	elements := make([]string, len(items))
	for i, item := range items {
		elements[i] = item.Text()
	}
	t.x.elements = elements
	return elements, nil
}
