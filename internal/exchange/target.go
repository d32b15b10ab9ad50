package exchange

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"
)

// PlainTargets has refused answer request targets that proxies and servers are
// known to read differently, and has the others routed as they were sent:
// segments are told apart before they are decoded.
func PlainTargets(refused http.HandlerFunc) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path := r.URL.EscapedPath()
			// An absolute target replaces the Host header, so that what a proxy in
			// front has checked would not count; net/http hides the header then.
			if r.URL.Host != "" || !plainPath(path) {
				refused(w, r)
				return
			}
			chi.RouteContext(r.Context()).RoutePath = path
			next.ServeHTTP(w, r)
		})
	}
}

// plainPath reports whether all segments of an escaped path decode to text, and
// none is empty, a dot segment, or hides a separator or a control character.
func plainPath(path string) bool {
	path, ok := strings.CutPrefix(path, "/")
	if !ok {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		text, err := url.PathUnescape(segment)
		if err != nil || text == "" || text == "." || text == ".." || !utf8.ValidString(text) {
			return false
		}
		if strings.ContainsAny(text, `/\`) || strings.ContainsFunc(text, unicode.IsControl) {
			return false
		}
	}
	return true
}

// Param returns a segment of the path, decoded.
func (x *Exchange) Param(name string) string {
	text, _ := url.PathUnescape(x.PathValue(name)) // plainPath has seen that it can be decoded
	return text
}

// methods are those that some route may have.
var methods = []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut}

// Allowed returns the methods that the routes take at the request's path, or nil
// if there is no such path: a router answers so to every method that it does not
// know.
func Allowed(routes chi.Routes, r *http.Request) []string {
	var allowed []string
	for _, m := range methods {
		if routes.Match(chi.NewRouteContext(), m, r.URL.EscapedPath()) {
			allowed = append(allowed, m)
		}
	}
	return allowed
}
