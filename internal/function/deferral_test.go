package function_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"heddle/internal/function"
)

// TestDeferral holds that 202 means "later" to those who were given a URL for
// that, and a result to others.
func TestDeferral(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `"taken"`)
	})
	for callbackURL, want := range map[string]function.Result{
		"":                                 {Output: `"taken"`},
		"http://127.0.0.1:1/callbacks/abc": {Deferred: true},
	} {
		call := request()
		call.CallbackURL = callbackURL
		if got := newRegistry(t, function.Config{}, address).Invoke(context.Background(), call); got != want {
			t.Errorf("with the URL %q: got %+v, want %+v", callbackURL, got, want)
		}
	}
}

func TestReported(t *testing.T) {
	t.Parallel()
	if got, want := function.Reported(http.StatusOK, "1"), (function.Result{Output: "1"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	got := function.Reported(http.StatusNotFound, "no such order")
	if got.Failure == nil || got.Failure.Name != function.NotFound || got.Failure.Message != "the function answered 404 Not Found: no such order" {
		t.Errorf("got %+v", got.Failure)
	}
}
