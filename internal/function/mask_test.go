package function_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"heddle/internal/function"
)

func TestMasks(t *testing.T) {
	t.Parallel()
	m := function.NewMasks(slices.Values([]string{"hunter2", "correct horse battery", "line one 1\nline two 2\n", `quo"ted\secret`, "Bearer abcdefgh"}))
	for text, want := range map[string]string{
		"":                               "",
		"nothing":                        "nothing",
		"hunter2 is too short":           "hunter2 is too short",
		"the correct horse battery":      "the ******",
		"correct horse, battery":         "correct horse, battery",
		"line one 1\nline two 2\n":       "******",
		"at line two 2.":                 "at ******.",
		`{"a":"quo\"ted\\secret"}`:       `{"a":"******"}`,
		`quo"ted\secret`:                 "******",
		"Authorization: Bearer abcdefgh": "Authorization: ******",
		"token abcdefgh abcdefg":         "token ****** abcdefg",
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	f := &function.Failure{Name: "n", Message: "a line two 2", Type: "abcdefgh", Stack: "at abcdefgh", Thrown: true}
	want := function.Failure{Name: "n", Message: "a ******", Type: "******", Stack: "at ******", Thrown: true}
	if got := m.Failure(f); *got != want || f.Message != "a line two 2" {
		t.Errorf("got %+v", got)
	}
	if (function.Masks{}).Failure(nil) != nil || (function.Masks{}).Text("x") != "x" {
		t.Error("no masks change something")
	}
}

// TestFailuresHideHeaders has a function repeat what it was sent, in an answer that
// is cut where the secret stands.
func TestFailuresHideHeaders(t *testing.T) {
	t.Parallel()
	const token = "0123456789abcdef"
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, strings.Repeat("x", 190)+r.Header.Get("X-Api-Key")+r.Header.Get("Authorization"))
	})
	r, err := function.NewRegistry(function.Config{Reach: here}, []function.Declaration{
		{URN: hello, URL: url, Headers: map[string]string{"X-Api-Key": token, "Authorization": "Bearer " + token}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := r.Invoke(context.Background(), request())
	if got.Failure == nil || strings.Contains(got.Failure.Message, token[:8]) || !strings.Contains(got.Failure.Message, function.Masked) {
		t.Errorf("got %+v", got.Failure)
	}
}
