package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heddle/internal/exchange"
)

// carry sends a request through a handler that answers with what answer returns.
func carry(t *testing.T, log *slog.Logger, hr *http.Request, answer func(ctx context.Context, x *exchange.Exchange) (any, error)) *httptest.ResponseRecorder {
	t.Helper()
	h := exchange.NewAdapter(exchange.Config{}, log).Handler(time.Minute, func(x *exchange.Exchange) exchange.Call {
		return exchange.Call{
			Answer: func(ctx context.Context) (any, error) { return answer(ctx, x) },
			Refuse: func(err error) exchange.Refusal {
				return exchange.Refusal{Status: 418, Header: http.Header{"X-Told": {"so"}}, Body: map[string]string{"fault": err.Error()}}
			},
		}
	})
	w := httptest.NewRecorder()
	h(w, hr)
	return w
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		answer any
		err    error
		status int
		body   string
		mime   string
	}{
		"json":    {answer: map[string]int{"n": 1}, status: 200, body: `{"n":1}`, mime: "application/json"},
		"nothing": {status: 204},
		"reply":   {answer: exchange.Reply{Status: 202, JSON: []int{1}}, status: 202, body: `[1]`, mime: "application/json"},
		"raw": {
			answer: exchange.Reply{Status: 200, Header: http.Header{"Content-Type": {"text/plain"}}, Raw: []byte("as it is")},
			status: 200, body: "as it is", mime: "text/plain",
		},
		"refusal": {err: errors.New("no"), status: 418, body: `{"fault":"no"}`, mime: "application/json"},
	} {
		got := carry(t, quiet, httptest.NewRequest("GET", "/x", nil), func(context.Context, *exchange.Exchange) (any, error) { return c.answer, c.err })
		if got.Code != c.status || got.Body.String() != c.body || got.Header().Get("Content-Type") != c.mime {
			t.Errorf("%s: got %d %q %q", name, got.Code, got.Header().Get("Content-Type"), got.Body)
		}
		if got.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", name)
		}
	}
}

func TestNotesAreLogged(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	carry(t, log, httptest.NewRequest("GET", "/x", nil), func(_ context.Context, x *exchange.Exchange) (any, error) {
		x.Note("function", "f")
		return nil, nil
	})
	if !strings.Contains(lines.String(), "function=f") {
		t.Errorf("the log says %s", lines.String())
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	read := func(hr *http.Request) (text string, err error) {
		carry(t, quiet, hr, func(_ context.Context, x *exchange.Exchange) (any, error) {
			text, err = x.ReadBody(4)
			return nil, err
		})
		return text, err
	}
	if text, err := read(httptest.NewRequest("POST", "/", strings.NewReader("abcd"))); text != "abcd" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	var tooLong *exchange.TooLongError
	if _, err := read(httptest.NewRequest("POST", "/", strings.NewReader("abcde"))); !errors.As(err, &tooLong) || tooLong.Length != 5 {
		t.Errorf("got %v", err)
	}
	chunked := httptest.NewRequest("POST", "/", strings.NewReader("abcd"))
	chunked.ContentLength = -1
	if _, err := read(chunked); !errors.Is(err, exchange.ErrNoLength) {
		t.Errorf("got %v", err)
	}
}
