package function

import (
	"encoding/json"
	"iter"
	"strings"
)

// Masked stands for a secret where others can see it.
const Masked = "******"

// maskedMin is the length of the shortest secret that is looked for in texts:
// shorter ones stand there by chance.
const maskedMin = 8

// Masks hide the secrets of a function in what it says of itself: in its failures
// and in its log, which others read. Its results are passed on as they are, since
// graphs work with them; a URL that is signed may hold what is a secret elsewhere.
type Masks struct{ replacer *strings.Replacer } // nil hides nothing

// NewMasks returns masks of secrets, as they are, as they stand in JSON, line by
// line, and word by word: the word Bearer comes before many.
func NewMasks(secrets iter.Seq[string]) Masks {
	var pairs []string
	seen := map[string]bool{}
	hide := func(text string) {
		if len(text) >= maskedMin && !seen[text] {
			seen[text] = true
			pairs = append(pairs, text, Masked)
		}
	}
	for secret := range secrets {
		hide(secret)
		quoted, _ := json.Marshal(secret) // texts can always be encoded
		hide(string(quoted[1 : len(quoted)-1]))
		for line := range strings.Lines(secret) {
			hide(strings.TrimSpace(line))
		}
		for word := range strings.FieldsSeq(secret) {
			hide(word)
		}
	}
	if len(pairs) == 0 {
		return Masks{}
	}
	return Masks{strings.NewReplacer(pairs...)}
}

// Text returns a text without the secrets.
func (m Masks) Text(text string) string {
	if m.replacer == nil {
		return text
	}
	return m.replacer.Replace(text)
}

// Failure hides the secrets in a failure; nil is fine.
func (m Masks) Failure(f *Failure) *Failure {
	if f == nil || m.replacer == nil {
		return f
	}
	hidden := *f
	hidden.Message, hidden.Type, hidden.Stack = m.Text(f.Message), m.Text(f.Type), m.Text(f.Stack)
	return &hidden
}
