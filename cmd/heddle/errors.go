package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"heddle/internal/client"
)

// usageError is a fault of the command line or of a file that it names.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errReported ends a command that has already said what is wrong.
var errReported = errors.New("reported")

// exit reports how the command ended, as one line if it is a fault, and
// returns the exit code.
func (a *app) exit(err error) int {
	if err == nil {
		return exitOK
	}
	if !errors.Is(err, errReported) {
		fmt.Fprintln(a.err, "heddle: "+explain(err))
	}
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// hints say what to do about a refusal, by its code.
var hints = map[string]string{
	"FGS.0002": "HEDDLE_TOKEN, or HEDDLE_ACCESS_KEY and HEDDLE_SECRET_KEY, are not those of the server",
	"FGS.0003": "heddle login USER gets a new token: HEDDLE_TOKEN",
	"FGS.0011": "heddle login USER gets a token: HEDDLE_TOKEN",
	"FGS.0010": "--region and --project must be those of the server",
	"FGS.1003": "heddle graph list shows the graphs that exist",
	"FGS.1005": "heddle graph update changes a graph that exists",
	"FGS.1011": "heddle graph list shows the graphs that exist",
	"FGS.1013": "heddle quota set --graphs gives the project more",
	"FSS.1051": "heddle function list shows the functions that exist",
	"FGS.2002": "heddle executions GRAPH lists those that exist",
	"FGS.2022": "heddle show URN tells how it ended",
	"FGS.2026": "heddle timer next tries an expression",
	"FGS.2027": "heddle timer list GRAPH shows those that exist",
	"FGS.2029": "heddle timer stop stops it",
	"FGS.4205": "heddle quota set --triggers gives the project more",
	"FGS.9002": "take another --idempotency-key",
	"FGS.9003": "try again in a moment, with fewer at a time",
	"FGS.9004": "try again in a moment",
	"FGS.9006": "it may have happened; heddle executions GRAPH tells",
}

// explain puts an error and what to do about it on one line.
func explain(err error) string {
	var refusal *client.Error
	var unreached *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &refusal):
		hint := hints[refusal.Code]
		if refusal.Status >= 500 && hint == "" && refusal.RequestID != "" {
			hint = "the server's log has more under request " + refusal.RequestID
		}
		if hint == "" {
			return err.Error()
		}
		return fmt.Sprintf("%v (%s)", err, hint)
	case errors.As(err, &unreached):
		u, _ := url.Parse(unreached.URL)
		return fmt.Sprintf("cannot reach the server at %s://%s: %v (is \"heddle serve\" running, is --server right?)", u.Scheme, u.Host, unreached.Err)
	default:
		return err.Error()
	}
}
