package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/client"
)

// inProcess carries requests to a handler without a network, so that a test
// can run in a bubble of fake time.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func newClientInProcess(t *testing.T, h http.HandlerFunc) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Server: "http://heddle", Project: "default", Transport: inProcess{h}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// busy answers 503 and 429 in turn, with the given Retry-After, if any, and
// counts the calls.
func busy(calls *int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		*calls++
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[*calls%2])
		w.Write([]byte(`{"error_code":"FGS.9004","error_msg":"overloaded"}`))
	}
}

func TestRepeatsWhatIsSafe(t *testing.T) {
	t.Parallel()
	show := func(ctx context.Context, c *client.Client) error {
		_, err := c.Graph(ctx, graphURN)
		return err
	}
	start := func(key string) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			_, err := c.Start(ctx, graphURN, client.StartRequest{Name: "x", Input: "1", IdempotencyKey: key})
			return err
		}
	}
	tests := []struct {
		name       string
		retryAfter string
		call       func(context.Context, *client.Client) error
		tries      int
		took       time.Duration
	}{
		{"a reading call", "1", show, 4, 3 * time.Second},
		{"without a pause", "0", show, 4, 0},
		{"the longest pause", "5", show, 4, 15 * time.Second},
		{"too long a pause", "6", show, 1, 0},
		{"a pause that overflows", "18446744074", show, 1, 0},
		{"no pause named", "", show, 1, 0},
		{"a date", "Wed, 21 Oct 2026 07:28:00 GMT", show, 1, 0},
		{"a start with a key", "1", start("k"), 4, 3 * time.Second},
		{"a start without a key", "1", start(""), 1, 0},
		{"a deletion", "1", func(ctx context.Context, c *client.Client) error { return c.DeleteGraph(ctx, graphURN) }, 1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls, began := 0, time.Now()
				err := test.call(t.Context(), newClientInProcess(t, busy(&calls, test.retryAfter)))
				var refusal *client.Error
				if !errors.As(err, &refusal) || refusal.Code != "FGS.9004" {
					t.Errorf("got the error %v, want FGS.9004", err)
				}
				if took := time.Since(began); calls != test.tries || took != test.took {
					t.Errorf("got %d tries in %v, want %d in %v", calls, took, test.tries, test.took)
				}
			})
		})
	}
}

func TestRepeatsUntilItSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var keys []string
		c := newClientInProcess(t, func(w http.ResponseWriter, r *http.Request) {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
			if len(keys) < 3 {
				busy(new(int), "2")(w, r)
				return
			}
			w.Write([]byte(`{"execution_urn":"` + executionURN + `"}`))
		})
		started, err := c.Start(t.Context(), graphURN, client.StartRequest{Name: "x", Input: "1", IdempotencyKey: "k"})
		if err != nil || started.URN != executionURN {
			t.Errorf("got %v, %v", started, err)
		}
		for _, key := range keys {
			if key != "k" {
				t.Errorf("the keys of the tries are %q", keys)
			}
		}
	})
}

func TestCancelledWhileItPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		calls := 0
		_, err := newClientInProcess(t, busy(&calls, "5")).Graph(ctx, graphURN)
		if !errors.Is(err, context.DeadlineExceeded) || calls != 1 {
			t.Errorf("got the error %v after %d calls", err, calls)
		}
	})
}
