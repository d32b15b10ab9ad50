package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"heddle/internal/callback"
	"heddle/internal/engine"
	"heddle/internal/function"
	"heddle/internal/store"
)

// callbackStatus is a header of a report: the status with which the function
// would have answered its call.
const callbackStatus = "X-Heddle-Callback-Status"

// callback takes the result that a function reports later. The token in the path
// is all that a caller needs: it was given to that function alone, for this one
// result.
func (a *API) callback(ctx context.Context, r *request) (any, error) {
	attempt, err := a.callbacks.Read(r.Param("token"))
	if err != nil {
		return nil, refuse(codeUnknownURL, "the URL is none that a call was given")
	}
	status, err := r.reportedStatus()
	if err != nil {
		return nil, err
	}
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	reported := function.Reported(status, text)
	result := engine.Result{Output: reported.Output}
	if f := reported.Failure; f != nil {
		result.Failure = &engine.Failure{Name: f.Name, Message: f.Text()}
	}
	err = a.engine.Report(ctx, attempt.Key, engine.Attempt{Visit: attempt.Visit, Branch: attempt.Branch, Number: attempt.Number}, result)
	if errors.Is(err, engine.ErrNotAwaited) || errors.Is(err, store.ErrNotFound) {
		return nil, refuse(codeNotNow, "the result is not awaited: it was reported before, it came too late, or the execution went on without it")
	}
	return nil, err
}

// reportedStatus reads the header; without it, a result is reported.
func (r *request) reportedStatus() (int, error) {
	text := r.Header.Get(callbackStatus)
	if text == "" {
		return http.StatusOK, nil
	}
	status, err := strconv.Atoi(text)
	if err != nil || status < 200 || status > 599 || status/100 == 3 || status == http.StatusAccepted {
		return 0, refuse(codeParameter, "%s must be a status from 200 to 599 with which a call can end, not %q", callbackStatus, text)
	}
	return status, nil
}

// Callbacks reads the tokens of callbacks.
type Callbacks interface {
	Read(token string) (callback.Attempt, error)
}
