package api_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/api"
	"heddle/internal/identity"
	"heddle/internal/store"
)

const (
	correct = "correct horse"
	tokens  = "/v3/auth/tokens"
	another = "0000000000000000000000000000000f" // project
)

// user makes a user with a role in a project, behind the API's back. Before the
// first one comes somebody who administers.
func (s *service) user(name, in string, role identity.Role) {
	s.t.Helper()
	ctx := context.Background()
	grant := func(project string, role identity.Role) store.Grant {
		return store.Grant{Project: project, Role: store.Role(role)}
	}
	if users, err := s.store.Users(ctx); err != nil || len(users) == 0 {
		if err := s.identity.NewUser(ctx, "root", "", grant("*", identity.Admin)); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.identity.NewUser(ctx, name, correct, grant(in, role)); err != nil {
		s.t.Fatal(err)
	}
}

func loginBody(name, password, project string) string {
	return fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":"x"}}}},"scope":{"project":{"id":%q}}}}`,
		name, password, project)
}

// token returns a header with a token of a user for a project.
func (s *service) token(name, project string) string {
	s.t.Helper()
	got := s.do("POST", tokens, loginBody(name, correct, project))
	if got.status != 201 {
		s.t.Fatalf("got %d %s, want a token", got.status, got.body)
	}
	return identity.TokenHeader + ": " + got.header.Get("X-Subject-Token")
}

// anywhere fills in the names in the path of a route.
var anywhere = regexp.MustCompile(`\{\w+\}`)

func targetOf(path string) string {
	return anywhere.ReplaceAllString(strings.Replace(path, "{project_id}", project, 1), "x")
}

// Every call wants a credential; a stranger to the project gets nowhere, whatever
// his role elsewhere; and a role goes as far as it goes.
func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("grace", "*", identity.Admin)
	for _, role := range []identity.Role{identity.Operator, identity.Invoker, identity.Viewer} {
		s.user("our "+string(role), project, role)
		s.user("their "+string(role), another, role)
	}
	held := map[string]string{"grace": s.token("grace", project)}
	for _, role := range []identity.Role{identity.Operator, identity.Invoker, identity.Viewer} {
		held["our "+string(role)] = s.token("our "+string(role), project)
		held["their "+string(role)] = s.token("their "+string(role), another)
	}
	triggering := regexp.MustCompile(`/(action|event_test|worker_messages|events|messages)$`)
	for _, r := range api.Routes() {
		method, target := r[0], targetOf(r[1])
		refused := func(who string, header ...string) int {
			got := do(t, s.handler, method, target, "{}", header...)
			if !strings.Contains(got.body, `"FGS.`) {
				t.Errorf("%s %s as %s: got %d %s, want a code", method, target, who, got.status, got.body)
			}
			return got.status
		}
		if got := refused("nobody"); got != 401 {
			t.Errorf("%s %s without a credential: got %d, want 401", method, target, got)
		}
		if got := refused("a guesser", identity.TokenHeader+": guess"); got != 401 && got != 429 {
			t.Errorf("%s %s with a wrong credential: got %d, want 401", method, target, got)
		}
		administering := strings.HasPrefix(target, "/heddle/")
		for _, role := range []identity.Role{identity.Operator, identity.Invoker, identity.Viewer} {
			if got := refused("their "+string(role), held["their "+string(role)]); got != 403 {
				t.Errorf("%s %s as their %s: got %d, want 403", method, target, role, got)
			}
			timer := strings.Contains(target, "cloud_cron")
			may := !administering && (role == identity.Operator || method == "GET" ||
				role == identity.Invoker && triggering.MatchString(target) && !timer)
			if strings.HasPrefix(target, "/heddle/audit/") {
				may = role == identity.Operator
			}
			got := do(t, s.handler, method, target, "{}", held["our "+string(role)]).status
			if (got != 403) != may {
				t.Errorf("%s %s as our %s: got %d, and it may: %t", method, target, role, got, may)
			}
		}
		if got := do(t, s.handler, method, target, "{}", held["grace"]).status; got == 401 || got == 403 {
			t.Errorf("%s %s as an administrator: got %d", method, target, got)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		s.do("GET", path, "").object(t)
	}
}

// A token comes from a call in the form of the published identity service.
func TestLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, nil)
		s.user("ada", project, identity.Operator)
		got := s.do("POST", tokens, loginBody("ada", correct, project))
		if got.status != 201 || got.header.Get("X-Subject-Token") == "" || got.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("got %d %v %s, want a token", got.status, got.header, got.body)
		}
		got.want(t, 201, `{"token":{"catalog":[],"methods":["password"],"issued_at":"2000-01-01T00:00:00.000000Z","expires_at":"2000-01-02T00:00:00.000000Z",`+
			`"user":{"id":"ada","name":"ada","domain":{"id":"default","name":"default"},"password_expires_at":""},`+
			`"project":{"id":"`+project+`","name":"`+project+`","domain":{"id":"default","name":"default"}},"roles":[{"id":"operator","name":"operator"}]}}`)
		token := identity.TokenHeader + ": " + got.header.Get("X-Subject-Token")
		s.do("GET", graphs, "", token).wantField(t, "count", 0.0)

		for _, c := range []struct {
			body   string
			status int
			code   string
		}{
			{loginBody("ada", "guess", project), 401, "FGS.0002"},
			{loginBody("nobody", correct, project), 401, "FGS.0002"},
			{loginBody("ada", correct, another), 403, "FGS.0004"},
			{`{"auth":{}}`, 400, "FGS.0005"},
			{`{"auth":{"identity":{"password":{"user":{"name":"ada","password":"x"}}}}}`, 400, "FGS.0005"},
			{`{"auth":{"identity":{"password":{"user":{"name":"ada","password":"x"}}},"scope":{"domain":{"name":"x"}}}}`, 400, "FGS.0005"},
			{``, 400, "FGS.0008"},
		} {
			s.do("POST", tokens, c.body).wantRefusal(t, c.status, c.code, "")
		}
		time.Sleep(24 * time.Hour)
		s.do("GET", graphs, "", token).wantRefusal(t, 401, "FGS.0003", "a new token")
		s.do("POST", "/v1.0/"+project+"/worker_messages", `{}`, token).wantRefusal(t, 401, "FGS.5001", "")

		again := s.token("ada", project)
		s.do("DELETE", tokens, "", "X-Subject-Token: "+strings.TrimPrefix(again, identity.TokenHeader+": ")).want(t, 204, "")
		s.do("GET", graphs, "", again).wantRefusal(t, 401, "FGS.0002", "")
		s.do("DELETE", tokens, "", "X-Subject-Token: x").wantRefusal(t, 401, "FGS.0002", "")
	})
}

// A secret of the event sources stands for itself; without one, a source needs a
// credential as everybody.
func TestSourcesAmongUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withSources(t, api.EventSource{Secret: "s3cret"})
		s.user("ada", project, identity.Invoker)
		s.do("POST", topicPath, `{"message":"hi"}`, "X-Heddle-Event-Secret: s3cret").object(t)
		s.do("POST", topicPath, `{"message":"hi"}`, s.token("ada", project)).wantRefusal(t, 401, "FGS.0011", "")
		s.handler = s.again(config)
		s.do("POST", topicPath, `{"message":"hi"}`, "X-Heddle-Event-Secret: s3cret").wantRefusal(t, 401, "FGS.0011", "")
		s.do("POST", topicPath, `{"message":"hi"}`, s.token("ada", project)).object(t)
	})
}

func TestUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, nil)
		s.do("POST", "/heddle/projects", `{"name":"shop","id":"`+project+`"}`).wantField(t, "id", project)
		s.do("POST", "/heddle/projects", `{"name":"lab"}`).wantField(t, "id", "lab")
		s.do("POST", "/heddle/projects", `{"name":"lab"}`).wantRefusal(t, 409, "FGS.9009", `"lab"`)

		// From here on, whoever comes has to say who he is.
		s.do("POST", "/heddle/users", `{"name":"grace","password":"`+correct+`"}`).wantRefusal(t, 400, "FGS.0005", "the first user")
		s.do("POST", "/heddle/users", `{"name":"grace","password":"`+correct+`","grants":[{"project":"*","role":"admin"}]}`).wantField(t, "has_password", true)
		s.do("GET", "/heddle/users", "").wantRefusal(t, 401, "FGS.0011", "")
		grace := s.token("grace", "shop") // by the name of the project
		s.do("GET", graphs, "", grace).object(t)

		s.do("POST", "/heddle/users", `{"name":"robot"}`, grace).wantField(t, "has_password", false)
		s.do("PUT", "/heddle/users/robot/grants/"+project, `{"role":"invoker"}`, grace).object(t)
		key := s.do("POST", "/heddle/keys", `{"user":"robot","project":"`+project+`"}`, grace)
		if access, secret := key.text(t, "access"), key.text(t, "secret"); len(access) != 20 || len(secret) != 40 {
			t.Errorf("got %s, want a key of 20 and 40 characters", key.body)
		}
		listed := s.do("GET", "/heddle/keys", "", grace)
		if strings.Contains(listed.body, key.text(t, "secret")) || !strings.Contains(listed.body, key.text(t, "access")) {
			t.Errorf("got %s, want the key without its secret", listed.body)
		}
		s.do("GET", "/heddle/users/robot", "", grace).want(t, 200,
			`{"name":"robot","disabled":false,"has_password":false,"created_at":"2000-01-01T00:00:00.000Z","grants":[{"project":"`+project+`","role":"invoker"}]}`)
		s.do("PUT", "/heddle/users/robot", `{"password":"battery staple","disabled":true}`, grace).wantField(t, "disabled", true)
		s.do("POST", tokens, loginBody("robot", "battery staple", project)).wantRefusal(t, 401, "FGS.0002", "")
		s.do("DELETE", "/heddle/users/robot/grants/"+project, "", grace).wantField(t, "grants", []any{})
		s.do("DELETE", "/heddle/keys/"+key.text(t, "access"), "", grace).want(t, 204, "")
		s.do("DELETE", "/heddle/users/robot", "", grace).want(t, 204, "")
		if users := s.do("GET", "/heddle/users", "", grace).object(t)["users"].([]any); len(users) != 1 {
			t.Errorf("got %v, want one user", users)
		}
		if projects := s.do("GET", "/heddle/projects", "", grace).object(t)["projects"].([]any); len(projects) != 2 {
			t.Errorf("got %v, want two projects", projects)
		}

		for _, c := range []struct {
			method, path, body string
			status             int
			code, part         string
		}{
			{"POST", "/users", `{"name":"grace","password":"12345678"}`, 409, "FGS.9009", `"grace"`},
			{"POST", "/users", `{"name":"-"}`, 400, "FGS.0005", `"-"`},
			{"POST", "/users", `{"name":"x","password":"short"}`, 400, "FGS.0005", "8 to 128"},
			{"POST", "/users", `{"password":"12345678"}`, 400, "FGS.0005", "name is missing"},
			{"POST", "/users", `{"name":"x","grants":{}}`, 400, "FGS.0005", "an array"},
			{"POST", "/users", `{"name":"x","grants":[{"role":"viewer"}]}`, 400, "FGS.0005", "grants[0]"},
			{"POST", "/users", `{"name":"x","grants":[{"project":"p","role":"admin"}]}`, 400, "FGS.0005", "all projects"},
			{"GET", "/users/nobody", ``, 404, "FGS.9010", `"nobody"`},
			{"PUT", "/users/nobody", `{"disabled":true}`, 404, "FGS.9010", `"nobody"`},
			{"PUT", "/users/nobody", `{"password":"12345678"}`, 404, "FGS.9010", `"nobody"`},
			{"PUT", "/users/grace", `{"name":"x"}`, 400, "FGS.0005", `"name"`},
			{"PUT", "/users/grace", `{"disabled":1}`, 400, "FGS.0005", "a boolean"},
			{"DELETE", "/users/nobody", ``, 404, "FGS.9010", `"nobody"`},
			{"PUT", "/users/grace/grants/p", `{"role":"owner"}`, 400, "FGS.0005", `"owner"`},
			{"PUT", "/users/grace/grants/p", `{"role":"admin"}`, 400, "FGS.0005", "all projects"},
			{"PUT", "/users/grace/grants/a-b", `{"role":"viewer"}`, 400, "FGS.0001", `"a-b"`},
			{"PUT", "/users/nobody/grants/p", `{"role":"viewer"}`, 404, "FGS.9010", `"nobody"`},
			{"POST", "/keys", `{"user":"nobody","project":"p"}`, 404, "FGS.9010", `"nobody"`},
			{"POST", "/keys", `{"user":"grace","project":"a-b"}`, 400, "FGS.0001", `"a-b"`},
			{"POST", "/keys", `{"user":"grace"}`, 400, "FGS.0005", "project is missing"},
			{"DELETE", "/keys/X", ``, 404, "FGS.9010", `"X"`},
			{"POST", "/projects", `{"name":"a b"}`, 400, "FGS.0005", `"a b"`},
			{"POST", "/projects", `{"name":"a","id":"a-b"}`, 400, "FGS.0001", `"a-b"`},
		} {
			s.do(c.method, "/heddle"+c.path, c.body, grace).wantRefusal(t, c.status, c.code, c.part)
		}
	})
}
