package exchange_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"heddle/internal/exchange"
)

// FuzzTargets sends requests for anything: what reaches a route has as many segments
// as were sent, decoded once, and none that a file system or another server would
// take for something else.
func FuzzTargets(f *testing.F) {
	for _, target := range []string{
		"/a/b", "/a/%2e%2e", "/a%2fb/c", "/a/b%5Cc", "/a/%00", "/%25%32%65/%C3%A9", "/a//b", "/./b", "/a/b/", "http://x/a/b", "*", "/a/%zz", "/a/\xff", "/a;b/c%3Fd",
	} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http refuses it
		}
		var segments []string
		mux := chi.NewRouter()
		mux.Use(exchange.PlainTargets(func(http.ResponseWriter, *http.Request) {}))
		mux.Get("/{first}/{second}", func(_ http.ResponseWriter, r *http.Request) {
			x := &exchange.Exchange{Request: r}
			segments = []string{x.Param("first"), x.Param("second")}
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.URL, r.RequestURI = u, target
		mux.ServeHTTP(httptest.NewRecorder(), r)
		if segments == nil {
			return
		}
		if u.Host != "" || strings.Count(u.EscapedPath(), "/") != len(segments) {
			t.Errorf("%q is taken as %q", target, segments)
		}
		for i, sent := range strings.Split(u.EscapedPath(), "/")[1:] {
			once, err := url.PathUnescape(sent)
			got := segments[i]
			if err != nil || got != once || got == "" || got == "." || got == ".." || strings.ContainsAny(got, `/\`) ||
				strings.ContainsFunc(got, unicode.IsControl) || !utf8.ValidString(got) {
				t.Errorf("%q: segment %q is taken as %q", target, sent, got)
			}
		}
	})
}
