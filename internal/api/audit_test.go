package api_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/api"
	"heddle/internal/audit"
	"heddle/internal/identity"
	"heddle/internal/identity/signature"
	"heddle/internal/store"
)

// auditLog returns the audit log from a record on.
func (s *service) auditLog(after int) []audit.Record {
	s.t.Helper()
	log, _, err := s.store.AuditLog(s.t.Context(), store.AuditFilter{}, store.AuditPage{Limit: 10_000, Looks: 10_000, Ascending: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return log[after:]
}

var errorCode = regexp.MustCompile(`FGS\.\d{4}`)

// Every call that changes something is in the audit log: that it was asked for, and
// what came of it. Those by which executions go on are only where all is.
func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{false, true} {
		s := newService(t, nil)
		cfg := config
		cfg.AuditAll = all
		s.handler = s.again(cfg)
		everyChangeIsAudited(t, s, all)
	}
}

func everyChangeIsAudited(t *testing.T, s *service, all bool) {
	s.user("grace", "*", identity.Admin)
	held := s.token("grace", project)
	executing := regexp.MustCompile(`/(event_test|worker_messages)$`)
	naming := regexp.MustCompile(`/(executions/action|events|messages)$`) // see TestAuditedExecutions
	for n, r := range api.Routes() {
		method, target, action := r[0], targetOf(r[1]), r[2]
		if changes := method != "GET" && !naming.MatchString(target); changes != (action != "") {
			t.Errorf("%s %s changes something: %t; its name in the audit log is %q", method, target, changes, action)
		}
		if naming.MatchString(target) {
			continue
		}
		if executing.MatchString(target) && !all {
			action = ""
		}
		before := len(s.auditLog(0))
		id := fmt.Sprintf("r-%d", n)
		got := do(t, s.handler, method, target, "{}", held, "X-Request-Id: "+id)
		log := s.auditLog(before)
		if action == "" {
			if len(log) != 0 {
				t.Errorf("%s %s is in the audit log: %+v", method, target, log)
			}
			continue
		}
		if len(log) != 2 {
			t.Fatalf("%s %s has %d records", method, target, len(log))
		}
		code := errorCode.FindString(got.body)
		asked, done := log[0], log[1]
		want := audit.Entry{
			Stage: audit.Asked, Action: action, User: "grace", Object: target, Address: "192.0.2.1", Request: id,
		}
		if strings.Contains(r[1], "{project_id}") {
			want.Project = project
		}
		if anywhere.MatchString(strings.Replace(r[1], "{project_id}", project, 1)) {
			want.Object = "x"
		}
		if _, second, _ := strings.Cut(strings.TrimPrefix(r[1], "/v1.0/{project_id}"), "}"); strings.Contains(second, "{") {
			want.Detail = strings.Trim(anywhere.FindString(second), "{}") + "=x"
		}
		want.At = asked.At
		if asked.Entry != want {
			t.Errorf("%s %s is asked for as %+v, want %+v", method, target, asked.Entry, want)
		}
		want.At, want.Stage, want.Of, want.Status, want.Code = done.At, audit.Done, asked.Number, got.status, code
		want.Detail = done.Detail // see TestAuditedChoices
		if done.Entry != want {
			t.Errorf("%s %s is done as %+v, want %+v", method, target, done.Entry, want)
		}
	}
}

// What starts executions or brings them on is in the log where all is, once its
// caller is let in. A stop is in every one.
func TestAuditedExecutions(t *testing.T) {
	t.Parallel()
	for all, want := range map[bool]string{
		false: "execution.stop 400, refused event.receive 401",
		true: "event.test 400, execution.start 200, execution.stop 400, execution.test_start 400, message.publish 400, " +
			"event.receive 400, work.message 400, refused event.receive 401",
	} {
		s := newService(t, nil)
		graph := s.createGraph("g", passGraph)
		before := len(s.auditLog(0))
		cfg := config
		cfg.AuditAll = all
		s.handler = s.again(cfg)
		s.do("POST", graph+"/executions/"+graphURN+"g:x:1/event_test", `{}`)
		execution := strings.TrimPrefix(s.start(graph, "x", `{}`), graphs+"/executions/")
		s.do("POST", graph+"/executions/action", `{"action_type":"stop","executions":{"execution_urn":"`+execution+`x"}}`)
		s.do("POST", graph+"/executions/action", `{"action_type":"test_start","executions":{}}`)
		s.do("POST", topicPath, `{}`)
		s.do("POST", eventsPath, `{}`)
		s.do("POST", "/v1.0/"+project+"/worker_messages", `{}`)
		cfg.EventSources = map[string]api.EventSource{project: {Secret: "right"}}
		s.handler = s.again(cfg)
		s.do("POST", eventsPath, `{}`, "X-Heddle-Event-Secret: wrong")
		var got []string
		for _, r := range s.auditLog(before) {
			switch {
			case r.Stage == audit.Refused:
				got = append(got, fmt.Sprint("refused ", r.Action, " ", r.Status))
			case r.Stage == audit.Done:
				got = append(got, fmt.Sprint(r.Action, " ", r.Status))
				if r.Action == "execution.start" && r.Object != execution {
					t.Errorf("the start is of %q, want %q", r.Object, execution)
				}
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("all is %t: got %s, want %s", all, strings.Join(got, ", "), want)
		}
	}
}

// What is made is named in the record of its end, and a stop is a deed, too.
func TestAuditedObjects(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", `{"states":{"a":{"type":"DELAY","time-delay":1000,"start":true,"next-state":"end"},`+end+`}}`)
	execution := s.start(graph, "x", `{}`)
	x := strings.TrimPrefix(execution, graphs+"/executions/")
	s.do("POST", graph+"/executions/action", `{"action_type":"stop","executions":{"execution_urn":"`+x+`"}}`).object(t)
	s.do("POST", "/heddle/projects", `{"name":"video"}`).object(t)
	var got []string
	for _, r := range s.auditLog(0) {
		if r.Stage == audit.Done {
			got = append(got, r.Action+" "+r.Object)
		}
	}
	want := []string{"graph.create " + strings.TrimPrefix(graph, graphs+"/"), "execution.stop " + x, "project.create video"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What the path does not say of a deed and others must know is in the log, also of
// one that was not to be.
func TestAuditedChoices(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	timer := s.do("POST", "/v1.0/"+project+"/cloud_cron", `{"graph_urn":"`+strings.TrimPrefix(graph, graphs+"/")+`","cron_trigger_name":"t","expression":"30 8 ? * MON-FRI"}`).text(t, "cron_trigger_urn")
	trigger := s.createTrigger("SMN", "told", `{"Topic":"urn:smn:cn-north-1:`+project+`:told"}`)
	mapping := s.do("POST", mappings, `{"trigger_urn":`+quoted(trigger)+`,"graph_urn":"`+graphURN+`g"}`).text(t, "response")
	s.do("POST", "/heddle/users", `{"name":"root","grants":[{"project":"*","role":"admin"},{"project":"p","role":"viewer"}]}`)
	who, err := s.identity.NewKey(t.Context(), "root", "*")
	if err != nil {
		t.Fatal(err)
	}
	signed := func(method, target, body string) {
		t.Helper()
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		signature.Sign(r, []byte(body), who.Access, who.Secret, time.Now())
		s.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	signed("PUT", "/heddle/users/root", `{"password":"correct horse","disabled":false}`)
	signed("PUT", "/heddle/users/root/grants/p", `{"role":"operator"}`)
	signed("PUT", "/heddle/users/nobody/grants/p", `{"role":"operator"}`)
	signed("POST", "/heddle/keys", `{"user":"root","project":"p"}`)
	signed("PUT", "/heddle/quotas/"+project+"/graphs", `{"quota":7}`)
	signed("DELETE", "/heddle/quotas/"+project+"/graphs", "")
	signed("PUT", mappings+"/"+mapping, `{"enabled":true}`)
	signed("PUT", "/v1.0/"+project+"/cloud_cron/"+timer+"/action", `{"action_type":"start"}`)
	signed("PUT", graph, `{"info_type":"definition","info":`+strconv.Quote(passGraph)+`}`)
	var got []string
	for _, r := range s.auditLog(0) {
		if r.Stage == audit.Done {
			got = append(got, fmt.Sprintf("%s %d %s", r.Action, r.Status, r.Detail))
		}
	}
	want := []string{
		"graph.create 200 revision=1",
		"timer.create 200 ",
		"trigger.create 200 ",
		"mapping.create 200 enabled=false",
		"user.create 200 role=admin in *, role=viewer in p",
		"user.update 200 password=new, disabled=false",
		"grant.set 200 project=p, role=operator",
		"grant.set 404 project=p, role=operator",
		"key.create 200 user=root, project=p",
		"quota.set 200 quota=7",
		"quota.reset 200 quota=512",
		"mapping.enable 200 enabled=true",
		"timer.act 200 action=start",
		"graph.update 200 revision=2",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Of triggers that are deleted together each is a deed of its own.
func TestAuditedBatch(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.do("POST", "/v1.0/"+project+"/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":["one","two"]}`)
	var got []string
	for _, r := range s.auditLog(0) {
		got = append(got, fmt.Sprint(r.Stage, r.Of, " ", r.Action, " ", r.Object, " ", r.Code))
	}
	path := "/v1.0/" + project + "/cloud_triggers/batch_action"
	want := []string{
		"asked0 trigger.delete_many " + path + " ",
		"asked0 trigger.delete one ", "done2 trigger.delete one FGS.4250",
		"asked0 trigger.delete two ", "done4 trigger.delete two FGS.4250",
		"done1 trigger.delete_many " + path + " FGS.4270",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Whose token was ended is in the log, and who knew none.
func TestAuditedLogout(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.user("vera", project, identity.Viewer)
	_, token, _ := strings.Cut(s.token("vera", project), ": ")
	before := len(s.auditLog(0))
	s.do("DELETE", tokens, "", "X-Subject-Token: "+token)
	s.do("DELETE", tokens, "", "X-Subject-Token: "+token)
	var got []string
	for _, r := range s.auditLog(before) {
		got = append(got, fmt.Sprintf("%s %s %s %s %d %s", r.Stage, r.Action, r.User, r.Project, r.Status, r.Code))
	}
	want := []string{
		"asked token.delete vera " + project + " 0 ",
		"done token.delete vera " + project + " 204 ",
		"refused token.delete   401 FGS.0002",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// An event source that does not know the project's secret is not let in.
func TestAuditedSources(t *testing.T) {
	t.Parallel()
	s := withSources(t, api.EventSource{Secret: "right"})
	s.do("POST", eventsPath, "{}", "X-Heddle-Event-Secret: wrong")
	s.do("POST", eventsPath, "{}", "X-Heddle-Event-Secret: right")
	log := s.auditLog(0)
	if len(log) != 1 || log[0].Stage != audit.Refused || log[0].Status != 401 || log[0].Project != project {
		t.Errorf("got %+v, want one refusal", log)
	}
}

// Who is not let in is in the log as well, with what he says he is.
func TestAuditedRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, nil)
		s.user("grace", "*", identity.Admin)
		s.user("vera", project, identity.Viewer)
		vera := s.token("vera", project)
		before := len(s.auditLog(0))
		s.do("GET", graphs, "")
		s.do("GET", graphs, "", identity.TokenHeader+": guess")
		s.do("POST", tokens, loginBody("ada", "guess", project))
		s.do("DELETE", graphs+"/x", "", vera)
		s.do("GET", strings.Replace(graphs, project, another, 1), "", vera)
		var got []string
		for _, r := range s.auditLog(before) {
			got = append(got, fmt.Sprintf("%s %s %s %s %d %s", r.Stage, r.Action, r.User, r.Project, r.Status, r.Code))
		}
		want := []string{
			"refused   " + project + " 401 FGS.0011",
			"refused   " + project + " 401 FGS.0002",
			"refused token.create ada " + project + " 401 FGS.0002",
			"refused graph.delete vera " + project + " 403 FGS.0004",
			"refused  vera " + another + " 403 FGS.0004",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// Where nothing can be entered, nothing is done.
func TestNothingIsDoneUnaudited(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.store.Faults.Before = func(method string) error {
		if method == "Audit" {
			return store.ErrUnavailable
		}
		return nil
	}
	s.do("POST", "/heddle/projects", `{"name":"video"}`).wantRefusal(t, 503, "FGS.9004", "nothing has happened")
	s.store.Faults.Before = nil
	if got := s.do("GET", "/heddle/projects", ""); strings.Contains(got.body, "video") {
		t.Errorf("it was done: %s", got.body)
	}
}

// The log is read in pages, by whoever may: a project's by its operator.
func TestListAudit(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.do("POST", "/heddle/projects", `{"name":"video"}`)
	s.do("PUT", "/heddle/quotas/"+project+"/graphs", `{"quota":7}`)
	numbers := func(target string) string {
		t.Helper()
		var numbers []string
		for _, r := range s.do("GET", target, "").object(t)["records"].([]any) {
			numbers = append(numbers, fmt.Sprint(r.(map[string]any)["number"]))
		}
		return strings.Join(numbers, " ")
	}
	for target, want := range map[string]string{
		"/heddle/audit":                                                       "4 3 2 1",
		"/heddle/audit?order=asc&limit=3":                                     "1 2 3",
		"/heddle/audit?order=asc&limit=3&marker=3":                            "4",
		"/heddle/audit?limit=2&marker=3":                                      "2 1",
		"/heddle/audit/" + project:                                            "4 3",
		"/heddle/audit/" + another:                                            "",
		"/heddle/audit/" + another + "?project=" + project:                    "",
		"/heddle/audit?project=" + project:                                    "4 3",
		"/heddle/audit?action=project.create":                                 "2 1",
		"/heddle/audit?user=nobody":                                           "",
		"/heddle/audit?access_key=nobody":                                     "",
		"/heddle/audit?object=video":                                          "2",
		"/heddle/audit?object=/heddle/projects&order=asc":                     "1",
		"/heddle/audit?since=2000-01-01T00:00:00Z&until=2999-01-01T00:00:00Z": "4 3 2 1",
		"/heddle/audit?until=2000-01-01T00:00:00Z":                            "",
	} {
		if got := numbers(target); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
	for _, bad := range []string{"marker=x", "marker=0", "limit=1001", "order=up", "since=yesterday", "until=1"} {
		s.do("GET", "/heddle/audit?"+bad, "").wantRefusal(t, 400, "FGS.0013", bad[:strings.Index(bad, "=")])
	}
}
