// Package exchange is what the calls of every HTTP API here have in common:
// the request's id, what is refused whatever it asks for, the time limit,
// reading a body within its limit, encoding the answer or the error, the log
// line, and targets that are routed as they were sent.
//
// It knows no path, no code and no shape: each API has its own.
package exchange

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Exchange is one request on its way to an answer.
type Exchange struct {
	*http.Request
	ID    string  // of the request: the caller's own, or a new one
	Shown string  // stands for the path in logs and messages, if that holds a secret
	About string  // the URN or the name of what it has made, if the path does not have it
	body  *string // once it has been read
	attrs []slog.Attr

	choices []string // for the audit log
}

// ShownPath returns the path as logs and messages may have it.
func (x *Exchange) ShownPath() string { return cmp.Or(x.Shown, x.URL.EscapedPath()) }

// Note adds to what the log says of the exchange.
func (x *Exchange) Note(name, value string) { x.attrs = append(x.attrs, slog.String(name, value)) }

// Call carries out one exchange. What Answer returns becomes the JSON body of a
// 200; nil becomes a 204, and a Reply whatever it says. An error becomes what
// Refuse makes of it.
type Call struct {
	Answer func(ctx context.Context) (any, error)
	Refuse func(err error) Refusal
}

// Reply is an answer that says more than its JSON form.
type Reply struct {
	Status int
	Header http.Header
	JSON   any    // or
	Raw    []byte // the body as it is; its type is the header's
}

// Refusal is an error as the caller gets it.
type Refusal struct {
	Status int
	Header http.Header
	Body   any  // its JSON form
	Many   bool // there may be thousands in a second: the log has them at DEBUG only, and silence follows
}

// Config says how requests are met.
type Config struct {
	Hosts         Hosts         // that requests may be for; nil: any
	AnswerTimeout time.Duration // for the caller to take a long answer; 0: as long as the connection lasts
}

// Adapter makes calls handlers.
type Adapter struct {
	cfg     Config
	log     *slog.Logger
	origins *http.CrossOriginProtection
}

// NewAdapter returns an adapter that logs each exchange.
func NewAdapter(cfg Config, log *slog.Logger) *Adapter {
	return &Adapter{cfg: cfg, log: log, origins: http.NewCrossOriginProtection()}
}

// Handler returns a handler that has begin make a call of each request, and
// carries it out within the time.
func (a *Adapter) Handler(timeout time.Duration, begin func(x *Exchange) Call) http.HandlerFunc {
	return func(w http.ResponseWriter, hr *http.Request) {
		begun := time.Now()
		x := &Exchange{Request: hr, ID: requestID(hr)}
		ctx, cancel := context.WithTimeout(hr.Context(), timeout)
		defer cancel()

		call := begin(x)
		out := newOutgoing(w, hr, x.ID)
		out.timeout = a.cfg.AnswerTimeout
		defer out.release()
		status, err := a.carryOut(ctx, call, x, out)
		halfway := err != nil && out.begun
		level, many := levelFor(status), false
		if err != nil && !out.begun {
			refusal := call.Refuse(err)
			status = out.refuse(refusal)
			if level, many = levelFor(status), refusal.Many; many {
				level = slog.LevelDebug
			}
		}
		out.finish(status)
		a.logExchange(ctx, level, x, status, time.Since(begun), err)
		if many {
			keepSilent(w, hr)
		}
		if halfway { // nobody must take that for the whole of an answer
			panic(http.ErrAbortHandler)
		}
	}
}

// carryOut has the call make its answer, and encodes that. This is the one place
// where a panic of a call ends.
func (a *Adapter) carryOut(ctx context.Context, call Call, x *Exchange, out *outgoing) (status int, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := a.screen(ctx, x.Request); err != nil {
		return 0, err
	}
	answer, err := call.Answer(ctx)
	if err != nil {
		return 0, err
	}
	status = StatusOf(answer)
	switch reply, ok := answer.(Reply); {
	case ok:
		return status, reply.writeTo(out)
	case answer == nil:
		return status, nil
	}
	return status, json.MarshalWrite(out, answer, allowAnyBytes)
}

// StatusOf returns the status with which what a call's Answer returned is sent.
func StatusOf(answer any) int {
	reply, ok := answer.(Reply)
	switch {
	case ok:
		return reply.Status
	case answer == nil:
		return http.StatusNoContent
	}
	return http.StatusOK
}

func (r Reply) writeTo(out *outgoing) (err error) {
	out.addHeader(r.Header)
	if r.JSON != nil {
		return json.MarshalWrite(out, r.JSON, allowAnyBytes)
	}
	_, err = out.Write(r.Raw)
	return err
}

// allowAnyBytes has invalid UTF-8 replaced: functions may answer with any
// bytes, and their messages are shown.
var allowAnyBytes = jsontext.AllowInvalidUTF8(true)

const requestIDMax = 64

// requestID returns the caller's id of the request if it has a sound one, else
// a new one.
func requestID(r *http.Request) string {
	const signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > requestIDMax || strings.Trim(id, signs) != "" {
		return rand.Text()
	}
	return id
}

func levelFor(status int) slog.Level {
	switch {
	case status == http.StatusInternalServerError:
		return slog.LevelError
	case status == http.StatusServiceUnavailable:
		return slog.LevelWarn
	case status >= 400:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

func (a *Adapter) logExchange(ctx context.Context, level slog.Level, x *Exchange, status int, took time.Duration, err error) {
	if !a.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", x.ID),
		slog.String("method", x.Method),
		slog.String("path", x.ShownPath()),
		slog.Int("status", status),
		slog.Duration("took", took),
	}
	attrs = append(attrs, x.attrs...)
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	a.log.LogAttrs(ctx, level, "request", attrs...)
}
