package sqlite

import (
	"slices"
	"strconv"
	"strings"
)

// soundFrom is the first version of SQLite in which a reset of the write-ahead
// log cannot damage the database.
const soundFrom = "3.51.3"

// sound reports whether a version of SQLite is that one or a later one. One
// that cannot be read is not.
func sound(version string) bool {
	have, least := numbers(version), numbers(soundFrom)
	return have != nil && slices.Compare(have, least) >= 0
}

// numbers returns the parts of a version, or nil.
func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		all = append(all, n)
	}
	return all
}
