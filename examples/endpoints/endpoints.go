// Package endpoints is the functions that the sample graphs call, as an HTTP
// server that knows nothing of Heddle: each takes a JSON value by POST and
// answers with one.
//
// They keep no state and no clock. Whoever sends the same request gets the
// same answer, and charge fails only where its input says so.
package endpoints

import (
	"encoding/json"
	"errors"
	"net/http"
)

// bodyMax is the largest input that a function reads, in bytes.
const bodyMax = 1 << 20

// Handler serves the functions below /.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /greet", function(greet))
	mux.HandleFunc("POST /price", function(price))
	mux.HandleFunc("POST /charge", function(charge))
	mux.HandleFunc("POST /resize", function(resize))
	return mux
}

// refusal is a failure with the HTTP status that tells Heddle its kind.
type refusal struct {
	status  int
	message string
}

func (r refusal) Error() string { return r.message }

// function serves f: it decodes the input, calls, and encodes the result.
func function[In, Out any](f func(r *http.Request, in In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax)).Decode(&in); err != nil {
			http.Error(w, "the input does not fit: "+err.Error(), http.StatusBadRequest)
			return
		}
		out, err := f(r, in)
		var refused refusal
		switch {
		case errors.As(err, &refused):
			http.Error(w, refused.message, refused.status)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			answer(w, out)
		}
	}
}

func answer(w http.ResponseWriter, result any) {
	text, err := json.Marshal(result)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text) // a caller that went away gets no answer
}
