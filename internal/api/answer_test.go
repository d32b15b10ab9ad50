package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// answer is what came back from a call.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; header lines have the form "Name: value".
func do(t testing.TB, h http.Handler, method, target, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// want checks status and body, to the byte.
func (a answer) want(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got  %d %s\nwant %d %s", a.status, a.body, status, body)
	}
}

// wantRefusal checks an error's status, code and a part of its message.
func (a answer) wantRefusal(t testing.TB, status int, code, part string) {
	t.Helper()
	var got struct {
		Code    string `json:"error_code"`
		Message string `json:"error_msg"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("the answer %d %q is not JSON: %v", a.status, a.body, err)
	}
	if a.status != status || got.Code != code || !strings.Contains(got.Message, part) {
		t.Errorf("got  %d %s %q\nwant %d %s %q", a.status, got.Code, got.Message, status, code, part)
	}
}

// object returns the body of a 200, read.
func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(a.body), &o); err != nil || a.status != http.StatusOK {
		t.Fatalf("got %d %s, want 200 and a JSON object", a.status, a.body)
	}
	return o
}

// wantField checks one field of a 200.
func (a answer) wantField(t testing.TB, name string, want any) {
	t.Helper()
	if got := a.object(t)[name]; !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v, in %s", name, got, want, a.body)
	}
}

// text returns a field of a 200 that is a string.
func (a answer) text(t testing.TB, name string) string {
	t.Helper()
	text, ok := a.object(t)[name].(string)
	if !ok {
		t.Fatalf("%s is not a string in %s", name, a.body)
	}
	return text
}
