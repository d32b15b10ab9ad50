package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/functiongraph/v2/model"
)

const (
	adminPassword = "correct horse battery"
	eventSecret   = "events-are-signed-with-this"
	another       = "another"
)

// key is an access key.
type key struct{ Access, Secret string }

// send sends a request as it is, and returns the answer with its body.
func send(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	answer, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// login asks for a token as clients of the published identity service do.
func (s *server) login(user, password, project string) *http.Response {
	s.t.Helper()
	answer, text := send(s.t, newRequest(s.t, http.MethodPost, s.url+"/v3/auth/tokens", fmt.Sprintf(
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":"x"}}}},"scope":{"project":{"name":%q}}}}`,
		user, password, project)))
	if answer.StatusCode != http.StatusCreated {
		s.t.Fatalf("login of %s: %d %s", user, answer.StatusCode, text)
	}
	return answer
}

// administer makes a call of an administrator.
func (s *server) administer(method, path, body string, answer any) int {
	s.t.Helper()
	r := newRequest(s.t, method, s.url+"/heddle"+path, body)
	r.Header.Set("X-Auth-Token", s.admin)
	got, text := send(s.t, r)
	if answer != nil && json.Unmarshal([]byte(text), answer) != nil {
		s.t.Fatalf("%s %s: %d %s", method, path, got.StatusCode, text)
	}
	return got.StatusCode
}

// member returns a new key, for a project, of a user with a role in it, who is made
// if there is none.
func (s *server) member(user, role, project string) (k key) {
	s.t.Helper()
	s.administer(http.MethodPost, "/users", fmt.Sprintf(`{"name":%q,"grants":[{"project":%q,"role":%q}]}`, user, project, role), nil)
	if got := s.administer(http.MethodPost, "/keys", fmt.Sprintf(`{"user":%q,"project":%q}`, user, project), &k); got != http.StatusOK {
		s.t.Fatalf("a key of %s: %d", user, got)
	}
	return k
}

// Whose key it is says what a client of the official SDK may do.
func TestWhoSigns(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	to := newTarget(t)
	must[*model.CreateFunctionResponse](t)(client(t, s).CreateFunction(httpFunction("hello", to.URL)))
	stranger := s.member("bob", "operator", another)
	viewer, invoker := s.member("vera", "viewer", project), s.member("ivan", "invoker", project)
	gone, locked := s.member("gus", "operator", project), s.member("dora", "operator", project)
	s.administer(http.MethodDelete, "/keys/"+gone.Access, "", nil)
	if got := s.administer(http.MethodPut, "/users/dora", `{"disabled":true}`, nil); got != http.StatusOK {
		t.Fatalf("disable dora: %d", got)
	}
	list, invoke := &model.ListFunctionsRequest{ContentType: mime}, &model.InvokeFunctionRequest{FunctionUrn: urn("hello"), ContentType: mime, Body: map[string]any{}}
	for _, c := range []struct {
		who                  string
		key                  key
		project              string
		list, invoke, create int // the status; 0 for none, as the call goes well
	}{
		{"an operator", s.key, project, 0, 0, 409},
		{"an invoker", invoker, project, 0, 0, 403},
		{"a viewer", viewer, project, 0, 403, 403},
		{"an operator of another project", stranger, project, 403, 403, 403},
		{"an operator beyond the project", s.key, another, 403, 403, 403},
		{"a wrong secret", key{s.key.Access, viewer.Secret}, project, 401, 401, 401},
		{"an unknown key", key{"00000000000000000000", s.key.Secret}, project, 401, 401, 401},
		{"a key that was removed", gone, project, 401, 401, 401},
		{"a disabled user", locked, project, 401, 401, 401},
	} {
		cl := clientOf(t, s, c.key, c.project)
		check := func(what string, want int, err error) {
			t.Helper()
			code := map[int]string{401: "FSS.0401", 403: "FSS.0403", 409: "FSS.1061"}[want]
			if want != 0 {
				t.Log(c.who, what)
				wantError(t, err, want, code)
			} else if err != nil {
				t.Errorf("%s %s: %v", c.who, what, err)
			}
		}
		_, err := cl.ListFunctions(list)
		check("lists", c.list, err)
		_, err = cl.InvokeFunction(invoke)
		check("invokes", c.invoke, err)
		_, err = cl.CreateFunction(httpFunction("hello", to.URL))
		check("creates", c.create, err)
	}
	if n := len(to.called()); n != 2 {
		t.Errorf("the function was called %d times, want 2", n)
	}
}
