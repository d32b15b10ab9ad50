package signature_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"heddle/internal/identity/signature"
)

// What the header says must be there once, in its form, and cover what changes the
// meaning of the request.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	v := vectors["a start"]
	names := "SignedHeaders=" + v.names
	for name, change := range map[string]func(r *http.Request){
		"two headers":                func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) },
		"two schemes":                func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") },
		"no access key":              rewrite("Access="+access+", ", ""),
		"an empty access key":        rewrite("Access="+access, "Access="),
		"a very long access key":     rewrite("Access="+access, "Access="+strings.Repeat("A", 129)),
		"a field twice":              rewrite(names, names+", "+names),
		"a field more":               rewrite(names, names+", Region=x"),
		"a field in lower case":      rewrite("Access=", "access="),
		"no commas":                  rewrite(",", ""),
		"semicolons for commas":      rewrite(",", ";"),
		"a comma at the end":         rewrite(v.signature, v.signature+","),
		"an empty signature":         rewrite(v.signature, ""),
		"a short signature":          rewrite(v.signature, v.signature[:62]),
		"a long signature":           rewrite(v.signature, v.signature+"00"),
		"signature, upper case":      rewrite(v.signature, strings.ToUpper(v.signature)),
		"signature, not hex":         rewrite(v.signature, strings.Repeat("g", 64)),
		"signature, quoted":          rewrite(v.signature, `"`+v.signature+`"`),
		"headers, not sorted":        rewrite(v.names, "x-project-id;user-agent;x-sdk-date"),
		"a header twice":             rewrite(v.names, "user-agent;user-agent;x-project-id;x-sdk-date"),
		"headers in upper case":      rewrite(v.names, "User-Agent;x-project-id;x-sdk-date"),
		"headers, blanks between":    rewrite(v.names, "user-agent; x-project-id; x-sdk-date"),
		"a header that is no ASCII":  rewrite(v.names, "user-agent;x-project-id;x-sdk-date;\u212a"),
		"no headers":                 rewrite(v.names, ""),
		"an empty name":              rewrite(v.names, ";user-agent;x-project-id;x-sdk-date"),
		"no date among them":         rewrite(v.names, "user-agent;x-project-id"),
		"no project among them":      rewrite(v.names, "user-agent;x-sdk-date"),
		"a header that is missing":   rewrite(v.names, "user-agent;x-other;x-project-id;x-sdk-date"),
		"a signed header sent twice": func(r *http.Request) { r.Header.Add("X-Project-Id", "p2") },
		"the date sent twice":        func(r *http.Request) { r.Header.Add("X-Sdk-Date", "20260102T030405Z") },
		"no date":                    func(r *http.Request) { r.Header.Del("X-Sdk-Date") },
		"a very long header": func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+", X="+strings.Repeat("x", 4096))
		},
	} {
		r := v.request()
		change(r)
		if _, err := signature.Parse(r); !errors.Is(err, signature.ErrMalformed) {
			t.Errorf("%s: got %v, want %v", name, err, signature.ErrMalformed)
		}
	}
	for _, header := range []string{
		"X-Project-Id", "X-Domain-Id", "X-Security-Token", "X-Sdk-Content-Sha256", "Idempotency-Key", "X-WorkflowRun-Id",
		"X-Heddle-Wait-Seconds", "X-FGS-EVENT-TYPE", "X-CFF-Request-Version", "Ce-Type",
	} {
		r := vectors["a list"].request()
		r.Header.Set(header, "x")
		if _, err := signature.Parse(r); !errors.Is(err, signature.ErrMalformed) {
			t.Errorf("%s, which is not signed: got %v, want %v", header, err, signature.ErrMalformed)
		}
	}
}

// The SDKs know other schemes, which are told apart from faults: who set one can
// set another.
func TestOtherSchemes(t *testing.T) {
	t.Parallel()
	v := vectors["a start"]
	for _, scheme := range []string{
		"SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3", "V11-HMAC-SHA256", "AWS4-HMAC-SHA256", "Bearer", "Basic",
		"sdk-hmac-sha256", "SDK-HMAC-SHA256X", "",
	} {
		r := v.request()
		rewrite("SDK-HMAC-SHA256", scheme)(r)
		if _, err := signature.Parse(r); !errors.Is(err, signature.ErrScheme) {
			t.Errorf("%q: got %v, want %v", scheme, err, signature.ErrScheme)
		}
	}
	r := v.request()
	r.Header.Del("Authorization")
	if _, err := signature.Parse(r); !errors.Is(err, signature.ErrScheme) {
		t.Errorf("no header: got %v, want %v", err, signature.ErrScheme)
	}
}

// Blanks around what is signed are no part of it.
func TestBlanks(t *testing.T) {
	t.Parallel()
	v := vectors["a start"]
	for name, change := range map[string]func(r *http.Request){
		"more after the commas":  rewrite(", ", ",   "),
		"none after the commas":  rewrite(", ", ","),
		"more after the scheme":  rewrite("SHA256 ", "SHA256   "),
		"around a header's text": func(r *http.Request) { r.Header.Set("User-Agent", "  huaweicloud-usdk-go/3.0\t") },
	} {
		r := v.request()
		change(r)
		if err := check(r, v.body, secret, signedAt); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := v.request()
	r.Header.Set("User-Agent", "huaweicloud-usdk-go/ 3.0")
	if err := check(r, v.body, secret, signedAt); !errors.Is(err, signature.ErrWrong) {
		t.Errorf("inside a header's text: got %v, want %v", err, signature.ErrWrong)
	}
}

// Whatever the request says of its body, what was sent counts.
func TestTheBodyCounts(t *testing.T) {
	t.Parallel()
	if err := check(upload.request(), upload.body, secret, signedAt); !errors.Is(err, signature.ErrWrong) {
		t.Errorf("a body that was not signed: got %v, want %v", err, signature.ErrWrong)
	}
	v := vectors["a start"]
	r := v.request()
	r.Header.Set("X-Sdk-Content-Sha256", "a0737f7f289a38b192975bb7e2a95c751b4c54bd5844b54a2e85892d6e0b603f")
	r.Header.Del("Authorization")
	signature.Sign(r, []byte(v.body), access, secret, signedAt)
	if err := check(r, v.body, secret, signedAt); err != nil {
		t.Errorf("a hash that is right: %v", err)
	}
	if err := check(r, strings.Replace(v.body, "1", "2", 1), secret, signedAt); !errors.Is(err, signature.ErrWrong) {
		t.Errorf("another body under the same hash: got %v, want %v", err, signature.ErrWrong)
	}
}

func rewrite(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), from, to))
	}
}
