// Package signature checks requests that were signed with a secret key, by the
// scheme SDK-HMAC-SHA256 that the SDKs of the published service use.
//
// The signer makes a text of the request, the canonical request, and signs its
// hash. The package makes the same text of the request that came, and compares.
// Where the SDKs and the published description leave a choice, it takes the
// stricter one: what is signed must be there once, and the body must be the one
// that was signed.
//
// The package knows no keys: the caller looks one up for the claim.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Scheme is the word with which the Authorization header begins.
const Scheme = "SDK-HMAC-SHA256"

const (
	dateHeader  = "X-Sdk-Date"
	dateForm    = "20060102T150405Z"
	hashHeader  = "X-Sdk-Content-Sha256"
	headerBytes = 4 << 10 // of Authorization at most
	accessBytes = 128     // of an access key at most; ours have 20
)

// signedIfSent are headers that change what a request means: if one is sent, it
// must be signed. The headers of CloudEvents do, and those of families that only
// this service and the published one read.
var (
	signedIfSent   = []string{"X-Project-Id", "X-Domain-Id", "X-Security-Token", hashHeader, "Idempotency-Key", "X-Workflowrun-Id"}
	signedFamilies = []string{"X-Heddle-", "X-Fgs-", "X-Cff-", "Ce-"}
)

// Errors of requests that are not signed as they must be. A caller is told of
// none of them but ErrScheme and ErrExpired, lest it learns which part of a guess
// was right.
var (
	ErrScheme    = errors.New("the scheme of Authorization is not " + Scheme)
	ErrMalformed = errors.New("the request is not signed in the form of " + Scheme)
	ErrExpired   = errors.New("the time of the request is too far from the server's")
	ErrWrong     = errors.New("the signature does not fit the request")
)

// Signed reports whether a request says that it is signed.
func Signed(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), Scheme+" ")
}

// Claim is what the Authorization header of a request says.
type Claim struct {
	Access        string    // the access key: whose signature it is
	Date          time.Time // of signing
	signedHeaders []string  // names in lower case, ascending
	signature     []byte
}

// signatureForm is what hex makes of a signature.
var signatureForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Parse reads the claim of a request that is signed. It returns ErrScheme for one
// that is signed in another way, or not at all, and otherwise ErrMalformed.
func Parse(r *http.Request) (Claim, error) {
	lines := r.Header["Authorization"]
	if len(lines) > 1 {
		return Claim{}, ErrMalformed
	}
	if !Signed(r) {
		return Claim{}, ErrScheme
	}
	fields := lines[0][len(Scheme)+1:]
	if len(lines[0]) > headerBytes {
		return Claim{}, ErrMalformed
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(fields, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := values[name]; !ok || twice || value == "" {
			return Claim{}, ErrMalformed
		}
		values[name] = value
	}
	c := Claim{Access: values["Access"], signedHeaders: strings.Split(values["SignedHeaders"], ";")}
	if len(values) != 3 || c.Access == "" || len(c.Access) > accessBytes || !signatureForm.MatchString(values["Signature"]) {
		return Claim{}, ErrMalformed
	}
	c.signature, _ = hex.DecodeString(values["Signature"]) // the form is that of hex
	dates := r.Header[dateHeader]
	if len(dates) != 1 {
		return Claim{}, ErrMalformed
	}
	var err error
	// Package time takes fractions of a second that the form does not have.
	if c.Date, err = time.Parse(dateForm, dates[0]); err != nil || len(dates[0]) != len(dateForm) {
		return Claim{}, ErrMalformed
	}
	if !c.covers(r) {
		return Claim{}, ErrMalformed
	}
	return c, nil
}

// covers reports whether the signed headers are named in the canonical form, are
// all there once, and leave out none that has to be signed.
func (c Claim) covers(r *http.Request) bool {
	for i, name := range c.signedHeaders {
		if name == "" || name != strings.ToLower(name) || i > 0 && name <= c.signedHeaders[i-1] {
			return false
		}
		if name != "host" && len(r.Header[http.CanonicalHeaderKey(name)]) != 1 {
			return false
		}
	}
	for name := range r.Header {
		if mustBeSigned(name) && !slices.Contains(c.signedHeaders, strings.ToLower(name)) {
			return false
		}
	}
	return true
}

// mustBeSigned reports whether a header must be signed if it is sent.
func mustBeSigned(name string) bool {
	inFamily := func(family string) bool { return strings.HasPrefix(name, family) }
	return name == dateHeader || slices.Contains(signedIfSent, name) || slices.ContainsFunc(signedFamilies, inFamily)
}

// Verify reports whether the request was signed with the secret, at most window
// before or after now: it returns nil, ErrExpired or ErrWrong. body is that of the
// request. It takes the same time for every secret.
func (c Claim) Verify(r *http.Request, body []byte, secret string, now time.Time, window time.Duration) error {
	want := c.sign(r, body, secret)
	switch {
	case !hmac.Equal(want, c.signature):
		return ErrWrong
	case now.Sub(c.Date).Abs() > window:
		return ErrExpired
	}
	return nil
}

// sign makes the signature that the request should have.
func (c Claim) sign(r *http.Request, body []byte, secret string) []byte {
	hash := sha256.Sum256([]byte(c.canonical(r, body)))
	signer := hmac.New(sha256.New, []byte(secret))
	signer.Write([]byte(Scheme + "\n" + c.Date.Format(dateForm) + "\n" + hex.EncodeToString(hash[:])))
	return signer.Sum(nil)
}

// canonical makes the text of the request that is signed.
func (c Claim) canonical(r *http.Request, body []byte) string {
	bodyHash := sha256.Sum256(body)
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL) + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range c.signedHeaders {
		value := r.Host
		if name != "host" {
			value = r.Header.Get(name)
		}
		b.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.signedHeaders, ";") + "\n")
	// A hash that the request names counts only if it is right: else anybody
	// could put another body below the signature.
	b.WriteString(hex.EncodeToString(bodyHash[:]))
	return b.String()
}

// canonicalPath escapes each segment of the decoded path, and ends in a slash.
func canonicalPath(u *url.URL) string {
	segments := strings.Split(u.Path, "/")
	for i, s := range segments {
		segments[i] = escape(s)
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// canonicalQuery sorts the decoded pairs by name and value, and escapes them. One
// that cannot be decoded is not signed by anybody.
func canonicalQuery(u *url.URL) string {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "?"
	}
	var pairs []string
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(values[name])
		for _, value := range values[name] {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pairs, "&")
}

// escape percent-encodes every byte but the unreserved characters of RFC 3986.
func escape(text string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + string(hexDigits[c>>4]) + string(hexDigits[c&15]))
		}
	}
	return b.String()
}

// Sign signs a request as the SDKs do: all its headers but those of its content,
// and the time of signing. The body is what will be sent.
func Sign(r *http.Request, body []byte, access, secret string, at time.Time) {
	c := Claim{Access: access, Date: at.UTC().Truncate(time.Second)}
	r.Header.Set(dateHeader, c.Date.Format(dateForm))
	for name := range r.Header {
		if lower := strings.ToLower(name); !strings.HasPrefix(lower, "content-") && lower != "authorization" {
			c.signedHeaders = append(c.signedHeaders, lower)
		}
	}
	slices.Sort(c.signedHeaders)
	r.Header.Set("Authorization", Scheme+" Access="+access+
		", SignedHeaders="+strings.Join(c.signedHeaders, ";")+", Signature="+hex.EncodeToString(c.sign(r, body, secret)))
}
