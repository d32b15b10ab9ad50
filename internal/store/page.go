package store

import "bytes"

// FirstID returns what the ids of a page of executions come after, in its order.
func (p Page) FirstID() []byte {
	switch {
	case p.AfterExecution != nil:
		return p.AfterExecution[:]
	case p.Ascending:
		return []byte{}
	}
	// One byte longer than an id, so greater than all of them.
	return bytes.Repeat([]byte{0xff}, len(ExecutionID{})+1)
}
