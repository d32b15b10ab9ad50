package functionapi

import (
	"context"
	"strconv"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/logbook"
)

// Logs are what functions have written that run here.
type Logs interface {
	Read(ctx context.Context, name string, after int64, limit int, wait time.Duration) ([]logbook.Line, error)
	Remove(name string) error
}

const (
	logLinesMax   = 1000
	logLinesUsual = 100
	// waitHeader is how long a call may wait for a line, in seconds.
	waitHeader = "X-Heddle-Wait-Seconds"
	waitMax    = 20
)

type logsAnswer struct {
	Lines      []logbook.Line `json:"lines"`
	NextMarker int64          `json:"next_marker"` // the number of the last line; from there the log goes on
}

// showLog shows lines of a function's log: those after the marker, or without one
// the last.
func (a *API) showLog(ctx context.Context, r *request) (any, error) {
	f, _, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	after, err := q.number("marker", -1)
	if err != nil {
		return nil, err
	}
	limit, err := q.number("limit", logLinesUsual)
	if err != nil {
		return nil, err
	}
	wait, err := r.wait()
	if err != nil {
		return nil, err
	}
	name := function.LogName(f.Project, f.Package, f.Name)
	lines, err := a.logs.Read(ctx, name, int64(after), min(max(limit, 1), logLinesMax), wait)
	if err != nil {
		return nil, err
	}
	answer := logsAnswer{Lines: lines, NextMarker: int64(max(after, 0))}
	if len(lines) == 0 {
		answer.Lines = []logbook.Line{}
	} else {
		answer.NextMarker = lines[len(lines)-1].Number
	}
	return answer, nil
}

// wait reads how long the caller will wait for a line.
func (r *request) wait() (time.Duration, error) {
	text := r.Header.Get(waitHeader)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n > waitMax {
		return 0, refuse(codeParameter, "the header %s must be a whole number from 0 to %d, not %q", waitHeader, waitMax, text)
	}
	return time.Duration(n) * time.Second, nil
}
