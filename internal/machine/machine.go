// Package machine is the state machine of an execution. It is pure: from a
// graph's definition, an execution's progress, something that happened and the
// time, it computes the new progress and the records that say so. What remains
// to be done outside (functions to call, a time to wait for) is computed from
// the progress alone, so that it can be computed again after a crash.
//
// The package knows no storage, no HTTP, no clock and no chance: the same
// arguments give the same results, always.
package machine

import (
	"heddle/internal/definition"
	"heddle/internal/journal"
)

// Limits bound what one execution may do. All are above 0.
type Limits struct {
	Visits         int // states entered, FGS.9001
	Elements       int // of a dynamic-extend, FGS.9007
	ElementsAtOnce int // elements of a dynamic-extend that are worked on at the same time
	ResultBytes    int // of a function's result, FGS.2010
}

// Machine runs the executions of one definition.
type Machine struct {
	Definition *definition.Definition
	Limits     Limits
}
