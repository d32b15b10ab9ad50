package block

import (
	"bytes"

	"heddle/internal/store"
)

// rangeSize is how many executions a range of names is meant to have. A list
// reads a row for each range that it covers, and the names of one that it cuts.
const rangeSize = 64

// Names is how many executions have a name from First to Last.
type Names struct {
	First, Last string
	Executions  int64
}

// Survey is what a block is found to have. A name that many executions have is a
// range of its own, which no prefix cuts.
type Survey struct {
	Executions  int64
	First, Last store.ExecutionID // if there are executions

	ranges []Names
	name   Names // the last one that was added, not yet in a range
	open   bool  // the last range takes another name
}

// Add counts an execution. The names come in the order of their bytes.
func (s *Survey) Add(name string, id store.ExecutionID) {
	if s.Executions == 0 || bytes.Compare(id[:], s.First[:]) < 0 {
		s.First = id
	}
	if bytes.Compare(id[:], s.Last[:]) > 0 {
		s.Last = id
	}
	s.Executions++
	if name != s.name.First || s.name.Executions == 0 {
		s.place()
		s.name = Names{First: name, Last: name}
	}
	s.name.Executions++
}

// place puts the last name into a range.
func (s *Survey) place() {
	switch {
	case s.name.Executions == 0:
		return
	case s.open && s.name.Executions < rangeSize:
		last := &s.ranges[len(s.ranges)-1]
		last.Last = s.name.Last
		last.Executions += s.name.Executions
	default:
		s.ranges = append(s.ranges, s.name)
	}
	s.open = s.ranges[len(s.ranges)-1].Executions < rangeSize
}

// Ranges ends the survey and returns the ranges in the order of names.
func (s *Survey) Ranges() []Names {
	s.place()
	s.name = Names{}
	return s.ranges
}
