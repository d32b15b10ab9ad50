package sdk

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// asked is a request as a client has it in mind.
type asked struct {
	method, path string
	query        map[string]any
	header       map[string]string
	body         string
}

// signed has the SDK's own signer sign it, and the SDK make an HTTP request of it.
func (a asked) signed(t *testing.T, s *server, k key) *http.Request {
	t.Helper()
	b := request.NewHttpRequestBuilder().WithEndpoint(s.url).WithMethod(a.method).WithPath(a.path)
	for name, value := range a.query {
		b.AddQueryParam(name, reflect.ValueOf(value))
	}
	b.AddHeaderParam("User-Agent", "huaweicloud-usdk-go/3.0").AddHeaderParam("X-Project-Id", project).AddHeaderParam("Content-Type", mime)
	for name, value := range a.header {
		b.AddHeaderParam(name, value)
	}
	if a.body != "" {
		b.WithBody("", a.body)
	}
	made := b.Build()
	headers, err := signer.Sign(made, k.Access, k.Secret)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		made.AddHeaderParam(name, value)
	}
	r, err := made.ConvertRequest()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// admitted reports whether a request is let in, whatever it is answered then.
func (s *server) admitted(t *testing.T, r *http.Request) bool {
	t.Helper()
	answer, text := send(t, r)
	switch {
	case answer.StatusCode == http.StatusUnauthorized && strings.Contains(text, "FGS.0002"):
	case answer.StatusCode == http.StatusTooManyRequests && strings.Contains(text, "FGS.9003"): // wrong ones are counted
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusForbidden, strings.Contains(text, "FGS.0012"):
		t.Errorf("%s %s: %d %s", r.Method, r.URL, answer.StatusCode, text)
	default:
		return true
	}
	return false
}

const graphs = "/v1.0/" + project + "/cloud_graphs"

// Requests of every shape that are signed by the SDK pass.
func TestOddRequestsOfTheSigner(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for name, a := range map[string]asked{
		"a URN":                {method: "GET", path: graphs + "/urn:fgs:local:" + project + ":graph:x"},
		"no ASCII":             {method: "GET", path: graphs + "/实例 ä"},
		"blanks and signs":     {method: "GET", path: graphs + "/a b+c&d=e@f!$'()*,;~"},
		"a percent sign":       {method: "GET", path: graphs + "/100%25 %e4"},
		"what would be hidden": {method: "GET", path: graphs + "/a:b?c#d"},
		"an empty value":       {method: "GET", path: graphs, query: map[string]any{"name": "", "a": "", "z": "1"}},
		"one key, many values": {method: "GET", path: graphs, query: map[string]any{"tag": []string{"b", "a", "", "B", "a"}}},
		"values of a map":      {method: "GET", path: graphs, query: map[string]any{"m": map[string]string{"k": "v w", "a": "ä"}}},
		"numbers":              {method: "GET", path: graphs, query: map[string]any{"limit": int32(1), "on": true}},
		"keys that are odd":    {method: "GET", path: graphs, query: map[string]any{"é": "1", "Z": "2", "a b": "3", "~": "4", "z&=": "5", "zz": "6", "%2f": "7"}},
		"values that are odd":  {method: "GET", path: graphs, query: map[string]any{"q": "a/b +%2F%2f~=&é;,:@", "r": "+", "s": " "}},
		"a body":               {method: "POST", path: graphs, body: `{"graph_name":"<ä>&","x":1}` + "\n"},
		"a DELETE with a body": {method: "DELETE", path: graphs + "/x", body: "{}"},
		"blanks in a header":   {method: "GET", path: graphs, header: map[string]string{"X-Custom": "  a  b\t", "x-lower": "1", "Idempotency-Key": "k"}},
		"a header with _":      {method: "GET", path: graphs, header: map[string]string{"X_Custom": "1"}},
		"the host":             {method: "GET", path: graphs, header: map[string]string{"Host": strings.TrimPrefix(s.url, "http://")}},
	} {
		if !s.admitted(t, a.signed(t, s, s.key)) {
			t.Errorf("%s: refused", name)
		}
	}
}

// Random requests that the SDK signs pass, and none does with a byte of it changed.
func TestRandomRequestsOfTheSigner(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	seed := uint64(time.Now().UnixNano())
	chance := rand.New(rand.NewPCG(seed, 0))
	for n := range 250 {
		a := randomlyAsked(chance)
		if !s.admitted(t, a.signed(t, s, s.key)) {
			t.Errorf("seed %d, request %d: %+v is refused", seed, n, a)
		}
		for part, change := range changes {
			r := a.signed(t, s, s.key)
			if change(chance, r) && s.admitted(t, r) {
				t.Errorf("seed %d, request %d: with another %s it passes: %+v, %v", seed, n, part, a, r.Header)
			}
		}
	}
}

func randomlyAsked(chance *rand.Rand) asked {
	signs := []rune("abcXYZ019-_.~ !$&'()*+,:;=@%#?é实🜁\"<>[]{}|^`")
	text := func(max int) string {
		var b strings.Builder
		for range 1 + chance.IntN(max) {
			b.WriteRune(signs[chance.IntN(len(signs))])
		}
		return b.String()
	}
	a := asked{method: []string{"GET", "PUT", "DELETE"}[chance.IntN(3)], path: graphs + "/u" + text(30), query: map[string]any{}}
	for range chance.IntN(5) {
		values := make([]string, 1+chance.IntN(3))
		for i := range values {
			values[i] = text(10)[1:] // may be empty, and not even UTF-8
		}
		a.query["k"+text(6)] = values
	}
	if chance.IntN(2) == 0 {
		a.header = map[string]string{"X-Custom": fmt.Sprint(chance.Uint64())}
	}
	if a.method == "PUT" {
		a.body = text(200)
	}
	return a
}

// changes change one byte each of what is signed. They return false where the
// request has nothing of that kind.
var changes = map[string]func(chance *rand.Rand, r *http.Request) bool{
	"path": func(chance *rand.Rand, r *http.Request) bool {
		head, last := r.URL.Path[:len(graphs)+1], r.URL.Path[len(graphs)+1:]
		changed, ok := changedLetter(chance, last)
		r.URL.Path = head + changed
		return ok
	},
	"query": func(chance *rand.Rand, r *http.Request) bool {
		name, value, more := strings.Cut(r.URL.RawQuery, "=")
		changed, ok := changedLetter(chance, name)
		r.URL.RawQuery = changed
		if more {
			r.URL.RawQuery += "=" + value
		}
		return ok
	},
	"method": func(_ *rand.Rand, r *http.Request) bool {
		r.Method = map[string]string{"GET": "PUT", "PUT": "DELETE", "DELETE": "GET"}[r.Method]
		return true
	},
	"body": func(chance *rand.Rand, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		if len(body) == 0 {
			body = []byte("x")
		} else {
			body[chance.IntN(len(body))] ^= 1
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return true
	},
	"date":       changedHeader("X-Sdk-Date", 0),
	"user agent": changedHeader("User-Agent", 0),
	"header":     changedHeader("X-Custom", 0),
	"project":    changedHeader("X-Project-Id", 0),
	"access key": changedHeader("Authorization", len("SDK-HMAC-SHA256 Access=")),
	"signature": func(chance *rand.Rand, r *http.Request) bool {
		return changedHeader("Authorization", len(r.Header.Get("Authorization"))-64)(chance, r)
	},
}

// changedHeader changes a letter or digit of a header, from a place on.
func changedHeader(name string, from int) func(*rand.Rand, *http.Request) bool {
	return func(chance *rand.Rand, r *http.Request) bool {
		value := r.Header.Get(name)
		if value == "" {
			return false
		}
		to := len(value)
		if from > 0 && from+20 < to { // the access key has 20 characters, and the signature comes last
			to = from + 20
		}
		changed, ok := changedLetter(chance, value[from:to])
		r.Header.Set(name, value[:from]+changed+value[to:])
		return ok
	}
}

// changedLetter replaces one letter or digit that is no part of an escape.
func changedLetter(chance *rand.Rand, text string) (string, bool) {
	var places []int
	for i := range len(text) {
		escaped := i > 0 && text[i-1] == '%' || i > 1 && text[i-2] == '%'
		if c := text[i]; !escaped && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return text, false
	}
	i := places[chance.IntN(len(places))]
	other := byte('0')
	if text[i] == other {
		other = '1'
	}
	return text[:i] + string(other) + text[i+1:], true
}
