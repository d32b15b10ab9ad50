package function

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// Failed returns a failure that no code of a function has raised.
func Failed(name, format string, arguments ...any) Result {
	return Result{Failure: &Failure{Name: name, Message: fmt.Sprintf(format, arguments...)}}
}

// refused returns the failure that a status outside 200 to 299 stands for.
func refused(status int, body string) Result {
	answer := strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if text := excerpt(body[:min(len(body), 4*(excerptLength+1))]); text != "" {
		answer += ": " + text
	}
	return Failed(statusFailure(status), "the function answered %s", answer)
}

// Reported returns the result that a function reports later: what a call would
// have come to that it had answered with this status and body.
func Reported(status int, body string) Result {
	if status/100 == 2 {
		return Result{Output: body}
	}
	return refused(status, body)
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
	var forbidden *forbiddenError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Failed(Timeout, "the call took longer than its timeout of %v", r.Timeout)
	case ctx.Err() != nil:
		return Failed(FunctionStageOtherErrors, "the call was called off")
	case errors.As(err, &forbidden):
		return Failed(PermissionError, "%v (see function-networks in the configuration)", forbidden)
	case errors.As(err, &connect):
		return Failed(FunctionStageUnavailable, "the function cannot be reached: %s", excerpt(err.Error()))
	}
	return Failed(FunctionStageOtherErrors, "the call broke off: %s", excerpt(err.Error()))
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

// Status returns the HTTP status that a failure is shown as, where it is shown as
// one: what statusFailure makes a failure of, the other way round.
func (f *Failure) Status() int {
	switch f.Name {
	case ParameterError:
		return http.StatusBadRequest
	case PermissionError:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case Timeout:
		return http.StatusRequestTimeout
	case TooManyRequests:
		return http.StatusTooManyRequests
	case ActionFailed:
		return http.StatusInternalServerError
	case FunctionStageUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}
