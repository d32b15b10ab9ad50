package payload

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads one JSON value, and nothing but white space around it. It
// refuses what RFC 8259 refuses, and also duplicate names in an object,
// invalid UTF-8, lone surrogates, and nesting deeper than depthMax (a scalar
// has depth 0). No text may nest deeper than 10,000. The error is a
// *SyntaxError.
func Parse(text string, depthMax int) (*Value, error) {
	if err := Valid(text, depthMax); err != nil {
		return nil, err
	}
	return build(text), nil
}

// Valid checks a text as Parse does, without making values of it: it is the
// quicker way for a text that is only passed on.
func Valid(text string, depthMax int) error {
	if !jsontext.Value(text).IsValid() || deeper(text, depthMax) {
		return syntaxError(text, depthMax)
	}
	return nil
}

// SyntaxError says where a text stops being acceptable: a JSON text, or a
// JSONPath query.
type SyntaxError struct {
	Offset int // in bytes
	// Pointer is the JSON pointer to the innermost value around the fault; for
	// a name that stands twice, to the member of that name. It is empty for
	// the whole text, and for a query.
	Pointer string
	Message string
}

// Error returns the message and the place.
func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("%s (at offset %d)", e.Message, e.Offset)
	}
	return fmt.Sprintf("%s (at offset %d, in %s)", e.Message, e.Offset, e.Pointer)
}

// deeper reports whether a valid text nests deeper than depthMax.
func deeper(text string, depthMax int) bool {
	if strings.Count(text, "{")+strings.Count(text, "[") <= depthMax {
		return false
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			if depth++; depth > depthMax {
				return true
			}
		case '}', ']':
			depth--
		case '"':
			i = stringEnd(text, i) - 1
		}
	}
	return false
}

// syntaxError reads a text that is not acceptable once more, token by token,
// to find out what is wrong with it.
func syntaxError(text string, depthMax int) error {
	d := jsontext.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.ReadToken()
		switch {
		case err != nil:
			return explain(text, err)
		case d.StackDepth() > depthMax:
			return &SyntaxError{
				Offset:  int(d.InputOffset()) - 1,
				Pointer: string(d.StackPointer()),
				Message: fmt.Sprintf("arrays and objects are nested deeper than %d", depthMax),
			}
		case d.StackDepth() == 0:
			rest := strings.TrimLeft(text[d.InputOffset():], " \t\n\r")
			return &SyntaxError{
				Offset:  len(text) - len(rest),
				Message: "only white space may follow the JSON value",
			}
		}
	}
}

// explain turns an error of the decoder into ours.
func explain(text string, err error) error {
	var fault *jsontext.SyntacticError
	if !errors.As(err, &fault) {
		return &SyntaxError{Offset: len(text), Message: "there is no JSON value in the text"}
	}
	e := &SyntaxError{
		Offset:  int(fault.ByteOffset),
		Pointer: string(fault.JSONPointer),
		Message: fault.Err.Error(),
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		e.Message = "the name stands twice in one object"
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Offset, e.Message = len(text), "the text ends in the middle of a JSON value"
	}
	return e
}
