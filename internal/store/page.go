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

// PrefixEnd returns the smallest string that is greater than all that begin
// with the prefix, which is not empty. No byte of UTF-8 is 0xff, so there is a
// greater one.
func PrefixEnd(prefix string) string {
	end := []byte(prefix)
	end[len(end)-1]++
	return string(end)
}
