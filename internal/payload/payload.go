// Package payload handles JSON texts as the engine passes them on: it reads
// them strictly, selects from them by JSONPath (RFC 9535), and compares
// numbers by value, without ever rounding a number or reordering a key.
//
// A payload is a JSON text and stays one: what a query selects is a piece of
// the text it came from, byte for byte. Every evaluation runs under a budget
// of steps. docs/jsonpath.md says what queries can do and where their limits
// are. The package knows nothing of graphs, and has no I/O, clock or lock.
package payload

import "github.com/go-json-experiment/json/jsontext"

// Quote returns text as a JSON string. It escapes the quotation mark, the
// backslash and control characters, and nothing else; invalid UTF-8 becomes
// U+FFFD.
func Quote(text string) string {
	// The only error is invalid UTF-8, and that has been replaced by then.
	quoted, _ := jsontext.AppendQuote(make([]byte, 0, len(text)+2), text)
	return string(quoted)
}
