package functionapi_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"heddle/internal/admission"
	"heddle/internal/exchange"
	"heddle/internal/functionapi"
	"heddle/internal/identity"
)

// open lets everybody do everything.
type open struct{}

func (open) Admit(context.Context, *exchange.Exchange, int64, string, identity.Need) (identity.Caller, error) {
	return identity.Caller{}, nil
}

// closed lets nobody do anything, and notes what was asked for.
type closed struct {
	reason error
	asked  identity.Need
	within string
}

func (c *closed) Admit(_ context.Context, _ *exchange.Exchange, _ int64, project string, need identity.Need) (identity.Caller, error) {
	c.asked, c.within = need, project
	return identity.Caller{}, c.reason
}

// Every call is guarded in its project, and says what it needs.
func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	guard := &closed{}
	cfg := functionapi.Config{Region: "local", BodyMax: 1 << 16, CallTimeout: time.Minute, Invocations: admission.Room{Max: 2, Share: 1}}
	s := newService(t)
	s.Handler = functionapi.New(cfg, s.rooms(guard), slog.New(slog.DiscardHandler)).Handler()
	anything := regexp.MustCompile(`\{\w+\}`)
	for reason, want := range map[error]string{
		identity.ErrNoCredential: "FSS.0401", identity.ErrBadCredential: "FSS.0401", identity.ErrExpired: "FSS.0401",
		identity.ErrForbidden: "FSS.0403", identity.ErrTooMany: "FSS.0429", identity.ErrRate: "FSS.0429",
	} {
		guard.reason = reason
		for route := range functionapi.Routes() {
			method, target := route[0], anything.ReplaceAllString(strings.Replace(route[1], "{project_id}", "p1", 1), "x")
			guard.asked = identity.Nothing
			a := answer{ResponseRecorder: httptest.NewRecorder()}
			s.ServeHTTP(a, httptest.NewRequest(method, target, strings.NewReader("{}")))
			if !strings.Contains(a.Body.String(), `"error_code":"`+want+`"`) || guard.within != "p1" {
				t.Errorf("%s %s: got %d %s, want %s", method, target, a.Code, a.Body, want)
			}
			need := identity.Manage
			switch {
			case strings.Contains(target, "/invocations"):
				need = identity.Trigger
			case method == "GET":
				need = identity.Read
			}
			if guard.asked != need && functionapi.Routes()[route] {
				t.Errorf("%s %s needs %d, want %d", method, target, guard.asked, need)
			}
		}
	}
}
