package api_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"heddle/internal/store"
)

const operator = "/heddle/quotas/" + project

var quotaRefusals = []refusal{
	{"no body", "PUT", "/graphs", "", "", 400, "FGS.4304", ""},
	{"empty body", "PUT", "/graphs", "{}", "", 400, "FGS.4304", ""},
	{"no quota", "PUT", "/graphs", `{"graphs":3}`, "", 400, "FGS.4304", "quota is missing"},
	{"null", "PUT", "/triggers", `{"quota":null}`, "", 400, "FGS.4304", ""},
	{"not JSON", "PUT", "/graphs", `{`, "", 400, "FGS.0009", ""},
	{"an array", "PUT", "/graphs", `[3]`, "", 400, "FGS.4303", ""},
	{"0", "PUT", "/graphs", `{"quota":0}`, "", 400, "FGS.4303", "1 to 10000"},
	{"10001", "PUT", "/graphs", `{"quota":10001}`, "", 400, "FGS.4303", "10001"},
	{"1.5", "PUT", "/graphs", `{"quota":1.5}`, "", 400, "FGS.4303", ""},
	{"a text", "PUT", "/graphs", `{"quota":"3"}`, "", 400, "FGS.4303", "a number"},
	{"below what is in use", "PUT", "/graphs", `{"quota":2}`, "", 409, "FGS.4305", "more than 2 graphs"},
	{"the default below what is in use", "DELETE", "/graphs", "", "", 409, "FGS.4306", "more than 2 graphs"},
	{"another resource", "PUT", "/timers", `{"quota":3}`, "", 404, "FGS.0012", ""},
	{"another method", "GET", "/graphs", "", "", 405, "FGS.0012", "DELETE, PUT"},
	{"one graph too many", "POST", "=" + graphs, `{"graph_name":"g3","definition":` + quoted(passGraph) + `}`, "", 403, "FGS.1013", "3 graphs"},
	{"a name that is taken", "POST", "=" + graphs, `{"graph_name":"g0","definition":` + quoted(passGraph) + `}`, "", 409, "FGS.1005", ""},
	{"one trigger too many", "POST", "=" + triggers, newTrigger("SMN", smnDef, ""), "", 403, "FGS.4205", "1 triggers"},
}

// newQuotaService returns a service with a default of two graphs and one trigger.
func newQuotaService(t *testing.T) *service {
	t.Helper()
	cfg := config
	cfg.Quotas.Graphs, cfg.Quotas.Triggers = 2, 1
	return newServiceWith(t, cfg, nil)
}

func TestQuotaRefusals(t *testing.T) {
	t.Parallel()
	s := newQuotaService(t)
	s.do("PUT", operator+"/graphs", `{"quota":3}`).object(t)
	for i := range 3 {
		s.createGraph(fmt.Sprintf("g%d", i), passGraph)
	}
	s.createTrigger("SMN", "one", smnDef)
	for _, c := range quotaRefusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, whole := strings.CutPrefix(c.target, "=")
			if !whole {
				target = operator + target
			}
			do(t, s.handler, c.method, target, c.body).wantRefusal(t, c.status, c.code, c.part)
		})
	}
}

// The documented answers, to the byte.
func TestQuotaSamples(t *testing.T) {
	t.Parallel()
	cfg := config
	cfg.Quotas.Graphs, cfg.Quotas.Triggers = 10, 10
	s := newServiceWith(t, cfg, nil)
	base := "/v1.0/" + project
	s.do("GET", base+"/cloud_graphs_quota/default", "").want(t, 200, `{"quota_set":{"graphs":10}}`)
	s.do("GET", base+"/cloud_triggers_quota/default", "").want(t, 200, `{"quota_set":{"triggers":10}}`)
	s.do("PUT", operator+"/graphs", `{"quota":1001}`).want(t, 200, `{"type":"graphs","unit":"","min":1,"max":10000,"quota":1001,"used":0}`)
	s.do("GET", base+"/cloud_graphs_quota", "").want(t, 200,
		`{"quotas":{"resources":[{"type":"graphs","unit":"","min":1,"max":10000,"quota":1001,"used":0}]}}`)
	s.do("GET", base+"/cloud_triggers_quota", "").want(t, 200,
		`{"quotas":{"resources":[{"type":"triggers","unit":"","min":1,"max":10000,"quota":10,"used":0}]}}`)
	s.do("DELETE", operator+"/graphs", "").want(t, 200, `{"type":"graphs","unit":"","min":1,"max":10000,"quota":10,"used":0}`)
}

// A project keeps the default of its first use; what it has is counted.
func TestTheDefaultIsFixedAtFirstUse(t *testing.T) {
	t.Parallel()
	s := newQuotaService(t)
	quota := func(s *service, resource string) string {
		t.Helper()
		quotas := s.do("GET", "/v1.0/"+project+"/cloud_"+resource+"_quota", "").object(t)["quotas"].(map[string]any)
		item := quotas["resources"].([]any)[0].(map[string]any)
		return fmt.Sprint(item["quota"], item["used"])
	}
	graph := s.createGraph("g", passGraph) // fixes the quota of graphs
	cfg := config
	cfg.Quotas.Graphs, cfg.Quotas.Triggers = 7, 8
	later := &service{t: t, handler: s.again(cfg)}
	if got := quota(later, "graphs") + ", " + quota(later, "triggers"); got != "2 1, 8 0" {
		t.Errorf("got %s, want 2 1, 8 0", got)
	}
	if got := quota(s, "triggers"); got != "8 0" {
		t.Errorf("after its first use under another default: got %s, want 8 0", got)
	}
	trigger := s.createTrigger("SMN", "x", smnDef)
	s.do("DELETE", triggers+"/"+trigger, "").object(t)
	s.do("DELETE", graph, "").want(t, 204, "")
	if got := quota(s, "graphs") + ", " + quota(s, "triggers"); got != "2 0, 8 0" {
		t.Errorf("got %s, want 2 0, 8 0", got)
	}
}

// Creations at the quota's edge: as many succeed as there is room for.
func TestCreationsAtTheEdge(t *testing.T) {
	t.Parallel()
	s := newQuotaService(t)
	var group sync.WaitGroup
	created := make([]int, 20)
	for i := range created {
		group.Go(func() {
			body := fmt.Sprintf(`{"graph_name":"g%d","definition":%s}`, i, quoted(passGraph))
			created[i] = do(t, s.handler, "POST", graphs, body).status
		})
	}
	group.Wait()
	statuses := map[int]int{}
	for _, status := range created {
		statuses[status]++
	}
	if statuses[200] != 2 || statuses[403] != 18 {
		t.Errorf("the statuses are %v", statuses)
	}
	s.do("GET", "/v1.0/"+project+"/cloud_graphs_quota", "").want(t, 200,
		`{"quotas":{"resources":[{"type":"graphs","unit":"","min":1,"max":10000,"quota":2,"used":2}]}}`)
}

// The quota calls have an envelope of their own.
func TestQuotaErrors(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.store.Faults.Before = func(method string) error {
		if method == "Quota" {
			return errors.New("a secret")
		}
		return nil
	}
	wantNested := func(got answer, status int, begin, end string) {
		t.Helper()
		if got.status != status || !strings.HasPrefix(got.body, `{"error":{"message":"`+begin) || !strings.HasSuffix(got.body, `","code":"`+end+`"}}`) {
			t.Errorf("got %d %s, want %d %s... %s", got.status, got.body, status, begin, end)
		}
	}
	for _, path := range []string{"cloud_graphs_quota", "cloud_graphs_quota/default", "cloud_triggers_quota", "cloud_triggers_quota/default"} {
		wantNested(s.do("GET", "/v1.0/a-b/"+path, ""), 400, "The project id", "FGS.0001")
		wantNested(s.do("POST", "/v1.0/"+project+"/"+path, "{}"), 405, "There is no such call", "FGS.0012")
		if !strings.HasSuffix(path, "default") {
			wantNested(s.do("GET", "/v1.0/"+project+"/"+path, ""), 500, "The quotas met a fault of the service: the log", "FGS.0014")
		}
	}
	s.do("POST", graphs, `{"graph_name":"g","definition":`+quoted(passGraph)+`}`).wantRefusal(t, 500, "FGS.0014", "X-Request-Id")
	s.store.Faults.Before = func(string) error { return store.ErrUnavailable }
	wantNested(s.do("GET", "/v1.0/"+project+"/cloud_graphs_quota", ""), 503, "The service does not take this now", "FGS.9004")
}
