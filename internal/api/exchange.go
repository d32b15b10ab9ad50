package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"heddle/internal/engine"
)

// endpoint is one call of the API. What it returns becomes the JSON body of a
// 200; nil becomes a 204.
type endpoint func(ctx context.Context, r *request) (any, error)

// exchange makes an endpoint a handler. It does what all calls have in common:
// request id, time limit, encoding of the answer or the error, and the log line.
func (a *API) exchange(call endpoint, shape errorShape) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		begun := time.Now()
		r := &request{Request: hr, bodyMax: a.cfg.BodyMax}
		ctx, cancel := context.WithTimeout(hr.Context(), a.cfg.CallTimeout)
		defer cancel()

		out := newOutgoing(w, requestID(hr))
		defer out.release()
		status, err := a.carryOut(ctx, call, r, out)
		halfway := err != nil && out.begun
		if err != nil && !out.begun {
			refused := refusalFor(err, r)
			status = refused.writeTo(w.Header(), &out.held, shape)
		}
		out.finish(status)
		a.logExchange(ctx, r, out.id, status, time.Since(begun), err)
		if halfway { // nobody must take that for the whole of an answer
			panic(http.ErrAbortHandler)
		}
	}
}

// carryOut calls the endpoint and encodes its answer. This is the one place
// where a panic of an endpoint ends.
func (a *API) carryOut(ctx context.Context, call endpoint, r *request, out *outgoing) (status int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if a.origins.Check(r.Request) != nil {
		return 0, refuse(codeForbidden, "a browser sent the request for a page of another origin")
	}
	answer, err := call(ctx, r)
	if err != nil {
		return 0, err
	}
	if answer == nil {
		return http.StatusNoContent, nil
	}
	err = json.MarshalWrite(out, answer, allowAnyBytes)
	return http.StatusOK, err
}

// allowAnyBytes has invalid UTF-8 replaced: functions may answer with any
// bytes, and their messages are shown.
var allowAnyBytes = jsontext.AllowInvalidUTF8(true)

const requestIDMax = 64

// requestID returns the caller's id of the request if it has a sound one, else
// a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > requestIDMax || !consistsOf(id, lettersDigits+"._-") {
		return rand.Text()
	}
	return id
}

func (a *API) logExchange(ctx context.Context, r *request, id string, status int, took time.Duration, err error) {
	level := slog.LevelDebug
	switch {
	case status == http.StatusInternalServerError:
		level = slog.LevelError
	case errors.Is(err, engine.ErrOverloaded), errors.Is(err, engine.ErrShareUsed):
		// There may be thousands in a second. The engine says how many there were.
	case status == http.StatusServiceUnavailable:
		level = slog.LevelWarn
	case status >= 400:
		level = slog.LevelInfo
	}
	if !a.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", id),
		slog.String("method", r.Method),
		slog.String("path", r.URL.EscapedPath()),
		slog.Int("status", status),
		slog.Duration("took", took),
	}
	if r.execution != "" {
		attrs = append(attrs, slog.String("execution", r.execution))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	a.log.LogAttrs(ctx, level, "request", attrs...)
}
