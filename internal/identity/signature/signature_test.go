package signature_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"heddle/internal/identity/signature"
)

const (
	access = "AKEXAMPLE00000000001"
	secret = "SKexample/0123456789abcdefghijklmnopqrst"
	window = 15 * time.Minute
)

var signedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// signed is a request with the headers that an SDK sends.
type signed struct {
	method, target, body string
	header               map[string]string
	names                string // of the signed headers
	signature            string
}

// vectors were made by the SDK's own signer.
var vectors = map[string]signed{
	"a start": {
		"POST", "/v1/p1/workflows/w%201/executions?mode=async&q=a%2Fb%20%26%3D%2B%C3%A9&tag=b&tag=a",
		`{"name":"order-42","input":{"n":1}}` + "\n",
		map[string]string{"Content-Type": "application/json;charset=UTF-8", "User-Agent": "huaweicloud-usdk-go/3.0", "X-Project-Id": "p1"},
		"user-agent;x-project-id;x-sdk-date",
		"981fe0718654ada0da4d2619b09b6b2905afbf1d2e114b82ac347b46da159ce4",
	},
	"a list":         {"GET", "/v1/p1/workflows?limit=1", "", nil, "x-sdk-date", "fcaf2351205b0a2bc83b45263f01fdc28c0a145d45d9705542901a6cea55821a"},
	"an empty value": {"GET", "/a?X=1&x", "", nil, "x-sdk-date", "dfd5d432452dfed4c81d056e85480705d771ca2d96883375665eb90ab0b1fedb"},
}

// upload has a body that the SDKs do not sign.
var upload = signed{
	"PUT", "/v1/p1/packages/f1", "PK\x03\x04",
	map[string]string{"Content-Type": "application/zip", "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"},
	"x-sdk-content-sha256;x-sdk-date", "fdb593f8339a68e6dfbd190f0357fddab569de97b708d0c64ea8420d85b043e2",
}

func (s signed) request() *http.Request {
	r := httptest.NewRequest(s.method, s.target, strings.NewReader(s.body))
	r.Header.Set("X-Sdk-Date", "20260102T030405Z")
	for name, value := range s.header {
		r.Header.Set(name, value)
	}
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s", access, s.names, s.signature))
	return r
}

// check parses and verifies a request as a server does.
func check(r *http.Request, body, secret string, now time.Time) error {
	c, err := signature.Parse(r)
	if err != nil {
		return err
	}
	return c.Verify(r, []byte(body), secret, now, window)
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for name, v := range vectors {
		if err := check(v.request(), v.body, secret, signedAt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		c, err := signature.Parse(v.request())
		if err != nil || c.Access != access || !c.Date.Equal(signedAt) {
			t.Errorf("%s: got %+v and %v", name, c, err)
		}
	}
}

// What is signed here passes here, and is what the SDKs' signer makes.
func TestSign(t *testing.T) {
	t.Parallel()
	for name, v := range vectors {
		r := v.request()
		r.Header.Del("Authorization")
		signature.Sign(r, []byte(v.body), access, secret, signedAt)
		if got, want := r.Header.Get("Authorization"), v.request().Header.Get("Authorization"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

// Each byte of what is signed counts.
func TestAChangeIsNoticed(t *testing.T) {
	t.Parallel()
	v := vectors["a start"]
	for name, change := range map[string]func(r *http.Request){
		"method":             func(r *http.Request) { r.Method = "PUT" },
		"path":               func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "w 1", "w 2", 1) },
		"query":              func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "async", "sync", 1) },
		"query, one more":    func(r *http.Request) { r.URL.RawQuery += "&x=1" },
		"query that is none": func(r *http.Request) { r.URL.RawQuery += "&x=%zz" },
		"header":             func(r *http.Request) { r.Header.Set("User-Agent", "curl") },
		"project":            func(r *http.Request) { r.Header.Set("X-Project-Id", "p2") },
	} {
		r := v.request()
		change(r)
		if err := check(r, v.body, secret, signedAt); !errors.Is(err, signature.ErrWrong) {
			t.Errorf("%s: got %v, want %v", name, err, signature.ErrWrong)
		}
	}
	query := v.request().URL.Query()
	for part, text := range map[string]struct {
		text string
		set  func(r *http.Request, text string)
	}{
		"method":     {v.method, func(r *http.Request, text string) { r.Method = text }},
		"path":       {v.request().URL.Path, func(r *http.Request, text string) { r.URL.Path = text }},
		"user agent": {v.header["User-Agent"], func(r *http.Request, text string) { r.Header.Set("User-Agent", text) }},
		"project":    {v.header["X-Project-Id"], func(r *http.Request, text string) { r.Header.Set("X-Project-Id", text) }},
		"value": {query.Get("q"), func(r *http.Request, text string) {
			r.URL.RawQuery = url.Values{"mode": query["mode"], "q": {text}, "tag": query["tag"]}.Encode()
		}},
		"name": {"mode", func(r *http.Request, text string) {
			r.URL.RawQuery = url.Values{text: query["mode"], "q": query["q"], "tag": query["tag"]}.Encode()
		}},
	} {
		r := v.request()
		text.set(r, text.text)
		if err := check(r, v.body, secret, signedAt); err != nil {
			t.Errorf("%s as it was: %v", part, err)
		}
		for i := range len(text.text) {
			for bit := range 8 {
				changed := []byte(text.text)
				changed[i] ^= 1 << bit
				r := v.request()
				text.set(r, string(changed))
				if err := check(r, v.body, secret, signedAt); !errors.Is(err, signature.ErrWrong) {
					t.Errorf("%s %q: got %v, want %v", part, changed, err, signature.ErrWrong)
				}
			}
		}
	}
	for i := range len(v.body) {
		body := []byte(v.body)
		body[i] ^= 1
		if err := check(v.request(), string(body), secret, signedAt); !errors.Is(err, signature.ErrWrong) {
			t.Errorf("byte %d of the body: got %v, want %v", i, err, signature.ErrWrong)
		}
	}
	for i := range len(v.signature) {
		changed := v
		digit := byte('0')
		if v.signature[i] == '0' {
			digit = '1'
		}
		changed.signature = v.signature[:i] + string(digit) + v.signature[i+1:]
		if err := check(changed.request(), v.body, secret, signedAt); !errors.Is(err, signature.ErrWrong) {
			t.Errorf("digit %d of the signature: got %v, want %v", i, err, signature.ErrWrong)
		}
	}
	if err := check(v.request(), v.body, secret+"x", signedAt); !errors.Is(err, signature.ErrWrong) {
		t.Errorf("another secret: got %v, want %v", err, signature.ErrWrong)
	}
}

// What is equal for the signer is equal here.
func TestEqualRequests(t *testing.T) {
	t.Parallel()
	v := vectors["a start"]
	for name, target := range map[string]string{
		"another order of the query": "/v1/p1/workflows/w%201/executions?tag=a&q=a%2Fb%20%26%3D%2B%C3%A9&mode=async&tag=b",
		"a slash at the end":         "/v1/p1/workflows/w%201/executions/?mode=async&q=a%2Fb%20%26%3D%2B%C3%A9&tag=b&tag=a",
		"other escapes":              "/v1/p1/workflows/%77%201/executions?mode=async&q=a/b+%26%3D%2B%c3%a9&tag=b&tag=a",
	} {
		equal := v
		equal.target = target
		if err := check(equal.request(), v.body, secret, signedAt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	v := vectors["a list"]
	for _, c := range []struct {
		off  time.Duration
		want error
	}{
		{899 * time.Second, nil}, {-899 * time.Second, nil}, {900 * time.Second, nil}, {-900 * time.Second, nil},
		{901 * time.Second, signature.ErrExpired}, {-901 * time.Second, signature.ErrExpired},
	} {
		if err := check(v.request(), "", secret, signedAt.Add(c.off)); !errors.Is(err, c.want) {
			t.Errorf("%v off: got %v, want %v", c.off, err, c.want)
		}
	}
	for _, date := range []string{
		"", "20260102", "2026-01-02T03:04:05Z", "20260102T030405", "20261302T030405Z", " 20260102T030405Z", "20260102T030405Z ",
		"20260102T030405z", "20260102T030460Z", "20260102T240000Z", "20260102T030405.5Z", "20260102T030405,000Z",
	} {
		r := v.request()
		r.Header.Set("X-Sdk-Date", date)
		if _, err := signature.Parse(r); !errors.Is(err, signature.ErrMalformed) {
			t.Errorf("date %q: got %v, want %v", date, err, signature.ErrMalformed)
		}
	}
	for _, year := range []int{0, 1, 1970, 9999} { // so far away that differences overflow
		r := v.request()
		signature.Sign(r, nil, access, secret, time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC))
		if err := check(r, "", secret, signedAt); !errors.Is(err, signature.ErrExpired) {
			t.Errorf("year %d: got %v, want %v", year, err, signature.ErrExpired)
		}
	}
	// An expired request that was signed by nobody is wrong, and says no more.
	if err := check(v.request(), "", "guess", signedAt.Add(time.Hour)); !errors.Is(err, signature.ErrWrong) {
		t.Errorf("got %v, want %v", err, signature.ErrWrong)
	}
}

// FuzzParse looks for headers that panic, or that pass without what is required.
func FuzzParse(f *testing.F) {
	v := vectors["a start"]
	f.Add(v.request().Header.Get("Authorization"), "20260102T030405Z")
	f.Fuzz(func(t *testing.T, authorization, date string) {
		r := v.request()
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Sdk-Date", date)
		c, err := signature.Parse(r)
		if err != nil {
			return
		}
		if c.Access == "" || !strings.Contains(authorization, c.Access) {
			t.Errorf("got the access key %q of %q", c.Access, authorization)
		}
		_ = c.Verify(r, []byte(v.body), secret, signedAt, window)
	})
}

// FuzzCanonical signs requests of any target, as a client has it in mind, and has
// them arrive as they were sent, and with another one.
func FuzzCanonical(f *testing.F) {
	f.Add("a/b", "k", "v", "k", "w")
	f.Add("urn:fss:local:p:function:default:f/实例", "é", "a b+c%2F~", "e", "")
	f.Add("//../x y", "a;b", "&=", "A", "=")
	f.Fuzz(func(t *testing.T, path, k1, v1, k2, v2 string) {
		if !utf8.ValidString(path) {
			return // no client sends it, and the server refuses it before it looks
		}
		sent := &url.URL{Scheme: "http", Host: "h", Path: "/" + path, RawQuery: url.Values{k1: {v1}, k2: {v2}}.Encode()}
		arrive := func(target string) *http.Request {
			r := httptest.NewRequest("GET", "/", nil)
			var err error
			if r.URL, err = url.ParseRequestURI(target); err != nil {
				t.Fatalf("%q: %v", target, err)
			}
			return r
		}
		client := &http.Request{Method: "GET", URL: sent, Header: http.Header{}}
		signature.Sign(client, nil, access, secret, signedAt)
		same := arrive(sent.RequestURI())
		same.Header = client.Header
		if err := check(same, "", secret, signedAt); err != nil {
			t.Errorf("%q: %v", sent.RequestURI(), err)
		}
		for _, other := range []string{sent.RequestURI() + "&x", "/x" + sent.RequestURI(), strings.Replace(sent.RequestURI(), "?", "%3F?", 1)} {
			r := arrive(other)
			r.Header = client.Header
			if err := check(r, "", secret, signedAt); !errors.Is(err, signature.ErrWrong) {
				t.Errorf("%q passes as %q: %v", sent.RequestURI(), other, err)
			}
		}
	})
}
