package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// failed returns a failure.
func failed(name, format string, arguments ...any) Result {
	return Result{Failure: &Failure{Name: name, Message: fmt.Sprintf(format, arguments...)}}
}

// refused returns the failure that a status outside 200 to 299 stands for.
func refused(status int, body []byte) Result {
	answer := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if text := excerpt(string(body[:min(len(body), 4*(excerptLength+1))])); text != "" {
		answer += ": " + text
	}
	return failed(statusFailure(status), "the function answered %s", answer)
}

func statusFailure(status int) string {
	switch status {
	case http.StatusBadRequest:
		return ParameterError
	case http.StatusUnauthorized, http.StatusForbidden:
		return PermissionError
	case http.StatusNotFound:
		return NotFound
	case http.StatusTooManyRequests:
		return TooManyRequests
	case http.StatusInternalServerError:
		return ActionFailed
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return FunctionStageUnavailable
	}
	return FunctionStageOtherErrors
}

// broken returns the failure of a call that got no whole answer. The call's own
// end comes first: whatever it interrupts fails in some other way as well.
func broken(ctx context.Context, r Request, err error) Result {
	var connect *connectError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return failed(Timeout, "the call took longer than its timeout of %v", r.Timeout)
	case ctx.Err() != nil:
		return failed(FunctionStageOtherErrors, "the call was called off")
	case errors.As(err, &connect):
		return failed(FunctionStageUnavailable, "the function cannot be reached: %s", excerpt(err.Error()))
	}
	return failed(FunctionStageOtherErrors, "the call broke off: %s", excerpt(err.Error()))
}

// excerptLength is enough of a foreign text to recognise it by, in code points.
const excerptLength = 200

// excerpt returns the beginning of a text from outside, on one line and without
// what cannot be printed.
func excerpt(text string) string {
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	line := []rune(strings.Join(strings.Fields(printable), " "))
	if len(line) > excerptLength {
		return string(line[:excerptLength]) + "…"
	}
	return string(line)
}

// failureTextMax bounds what a failure leaves in the journal of an execution.
const failureTextMax = 4 << 10

// Text returns all that a failure says, for a history: the message, with the
// type of the error before it and the stack below it, if there are any.
func (f *Failure) Text() string {
	text := f.Message
	if f.Type != "" {
		text = f.Type + ": " + text
	}
	if f.Stack != "" {
		text += "\n" + f.Stack
	}
	if len(text) <= failureTextMax {
		return text
	}
	return strings.ToValidUTF8(text[:failureTextMax], "") + "…"
}
