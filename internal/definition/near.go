package definition

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// near returns the option that a writer of name most likely meant, or "". It
// looks at as many options as a valid definition has states at most, which
// bounds the work on others.
func near[T ~string](name string, options []T) T {
	allowed := min(2, (len(name)-1)/2) // two changes make another word of a short one
	var best T
	for _, option := range options[:min(len(options), StatesMax)] {
		if gap := len(name) - len(option); gap > allowed || -gap > allowed {
			continue
		}
		if n := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(string(option))); n <= allowed {
			best, allowed = option, n-1
		}
	}
	return best
}

// didYouMean is the end of a message about an unknown name.
func didYouMean[T ~string](name string, options []T) string {
	if option := near(name, options); option != "" {
		return "; did you mean " + quoted(string(option)) + "?"
	}
	return ""
}
