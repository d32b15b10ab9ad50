package api_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"heddle/internal/identity"
	"heddle/internal/identity/signature"
)

// key returns a new access key of a user for a project.
func (s *service) key(name, project string) identity.Key {
	s.t.Helper()
	k, err := s.identity.NewKey(context.Background(), name, project)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

// signedRequest signs a request as the SDKs do; header lines have the form
// Name: value.
func signedRequest(k identity.Key, method, target, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	signature.Sign(r, []byte(body), k.Access, k.Secret, time.Now())
	return r
}

func (s *service) send(r *http.Request) answer {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// A request that is signed passes with its body, and with no other.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("ada", project, identity.Operator)
	key := s.key("ada", project)
	create := `{"graph_name":"g","definition":` + quoted(passGraph) + `}`
	s.send(signedRequest(key, "POST", graphs, create)).text(t, "graph_urn")
	run := `{"action_type":"start","executions":{"execution_name":"实例","input":"1"}}`
	execution := s.send(signedRequest(key, "POST", graphs+"/"+graphURN+"g/executions/action", run, "Idempotency-Key: k")).text(t, "execution_urn")
	s.send(signedRequest(key, "GET", graphs+"/executions/"+execution, "")).object(t)
	s.send(signedRequest(key, "GET", graphs+"/"+graphURN+"g/executions?name=%E5%AE%9E&limit=1", "")).wantField(t, "count", 1.0)
	s.send(signedRequest(key, "HEAD", graphs, "")).wantRefusal(t, 405, "FGS.0012", "")

	for _, other := range []string{strings.Replace(create, `"g"`, `"h"`, 1), ""} {
		r := signedRequest(key, "POST", graphs, create)
		r.Body, r.ContentLength = http.NoBody, int64(len(other))
		if other != "" {
			r.Body = httptest.NewRequest("POST", "/", strings.NewReader(other)).Body
		}
		s.send(r).wantRefusal(t, 401, "FGS.0002", "")
	}
	s.send(signedRequest(key, "GET", "/v1.0/"+another+"/cloud_graphs", "")).wantRefusal(t, 403, "FGS.0004", "")
	s.send(signedRequest(key, "POST", graphs, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`)).wantRefusal(t, 413, "FGS.4109", "")

	// The signature is of what was sent, and that is what is read.
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(create))
	w.Close()
	s.send(signedRequest(key, "POST", graphs, packed.String(), "Content-Encoding: gzip")).wantRefusal(t, 400, "FGS.0009", "")
}

// A request that was captured can be sent again as it is, as long as its time is near:
// the signature has no number that counts. A start that has a key happens once all the
// same, and nobody can take the key away or give it another body.
func TestReplay(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("ada", project, identity.Operator)
	key := s.key("ada", project)
	s.send(signedRequest(key, "POST", graphs, `{"graph_name":"g","definition":`+quoted(passGraph)+`}`)).text(t, "graph_urn")
	started := func(times int, header ...string) map[string]bool {
		captured := signedRequest(key, "POST", graphs+"/"+graphURN+"g/executions/action", startBody, header...)
		urns := map[string]bool{}
		for range times {
			again := captured.Clone(t.Context())
			again.Body = io.NopCloser(strings.NewReader(startBody))
			urns[s.send(again).text(t, "execution_urn")] = true
		}
		for _, change := range []func(r *http.Request){
			func(r *http.Request) { r.Header.Set("Idempotency-Key", "another") },
			func(r *http.Request) { r.Header.Del("Idempotency-Key"); r.Header.Del("X-Custom") },
		} {
			other := captured.Clone(t.Context())
			other.Body = io.NopCloser(strings.NewReader(startBody))
			change(other)
			s.send(other).wantRefusal(t, 401, "FGS.0002", "")
		}
		return urns
	}
	if urns := started(100, "Idempotency-Key: k"); len(urns) != 1 {
		t.Errorf("with a key, there are %d executions", len(urns))
	}
	if urns := started(5, "X-Custom: x"); len(urns) != 5 {
		t.Errorf("without a key, there are %d executions", len(urns))
	}
}

// Of a credential that is wrong nothing is told but that it is.
func TestWrongSignaturesAreAlike(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("ada", project, identity.Operator)
	key := s.key("ada", project)
	refusal := func(r *http.Request) answer {
		r.Header.Set("X-Request-Id", "one")
		return s.send(r)
	}
	want := refusal(signedRequest(identity.Key{Access: key.Access, Secret: "guess"}, "GET", graphs, ""))
	want.wantRefusal(t, 401, "FGS.0002", "the token or the signature is wrong")
	again := func(header, from, to string) *http.Request {
		r := signedRequest(key, "GET", graphs, "")
		r.Header.Set(header, strings.Replace(r.Header.Get(header), from, to, 1))
		return r
	}
	guess := httptest.NewRequest("GET", graphs, nil)
	guess.Header.Set(identity.TokenHeader, "guess")
	for name, r := range map[string]*http.Request{
		"no such key":               signedRequest(identity.Key{Access: "00000000000000000000", Secret: key.Secret}, "GET", graphs, ""),
		"no such token":             guess,
		"both credentials":          again(identity.TokenHeader, "", "x"),
		"malformed":                 again("Authorization", "Signature=", "Signature=0"),
		"no date among the headers": again("Authorization", "x-sdk-date", "x-request-id"),
		"an old date, wrongly":      again("X-Sdk-Date", "20", "19"),
		"a year that there was not": again("X-Sdk-Date", "20", "00"),
	} {
		if got := refusal(r); got.status != want.status || got.body != want.body {
			t.Errorf("%s: got %d %s, want %d %s", name, got.status, got.body, want.status, want.body)
		}
	}
	for _, scheme := range []string{"SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "V11-HMAC-SHA256", "Bearer"} {
		refusal(again("Authorization", "SDK-HMAC-SHA256", scheme)).wantRefusal(t, 401, "FGS.0002", "SDK-HMAC-SHA256")
	}
}

// The project is the credential's and the path's. A header that says another one
// does not go unnoticed.
func TestTheProjectHeader(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("ada", project, identity.Operator)
	s.user("grace", "*", identity.Admin)
	key, everywhere := s.key("ada", project), s.key("grace", "*")
	ours, theirs := identity.ProjectHeader+": "+project, identity.ProjectHeader+": "+another
	s.send(signedRequest(key, "GET", graphs, "", ours)).object(t)
	s.send(signedRequest(key, "GET", graphs, "", theirs)).wantRefusal(t, 403, "FGS.0004", "X-Project-Id")
	s.send(signedRequest(everywhere, "GET", graphs, "", theirs)).wantRefusal(t, 403, "FGS.0004", "X-Project-Id")
	s.send(signedRequest(everywhere, "GET", "/heddle/users", "", theirs)).object(t)
	s.do("GET", graphs, "", s.token("ada", project), ours).object(t)
	s.do("GET", graphs, "", s.token("ada", project), theirs).wantRefusal(t, 403, "FGS.0004", "X-Project-Id")
	s.do("GET", graphs, "", theirs).wantRefusal(t, 401, "FGS.0011", "")
}
