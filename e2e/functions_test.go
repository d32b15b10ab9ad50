package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// functions are served by the test that needs them, each under its name.
type functions map[string]http.HandlerFunc

// newServerWith prepares a server that calls the functions, in the project of
// the tests and in others.
func newServerWith(t *testing.T, f functions, otherProjects ...string) *server {
	t.Helper()
	mux := http.NewServeMux()
	for name, handler := range f {
		mux.HandleFunc("/"+name, handler)
	}
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	s := newServer(t, nil)
	declared := "functions:\n"
	for name := range f {
		for _, of := range append(otherProjects, project) {
			declared += fmt.Sprintf("  - urn: %s\n    url: %s/%s\n", strings.Replace(function(name), project, of, 1), web.URL, name)
		}
	}
	s.set(declared)
	return s
}

// calling is a graph of one state that calls a function once.
func calling(name string) string {
	return fmt.Sprintf(`{"states":{"s":{"type":"OPERATION","start":true,"actions":[{"action-name":"a","function":%q}],"next-state":"end"},"end":{"type":"END"}}}`, function(name))
}
