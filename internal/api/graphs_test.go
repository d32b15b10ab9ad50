package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// A definition comes back as it was stored: its numbers, its order, no
// defaults filled in.
func TestADefinitionComesBackAsItWasStored(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	const definition = `{"states":{"z":{"type":"SWITCH","start":true,"choices":[{"value":1.10,"path":"$['<é>']","next-state":"b"}],"default":"b"},"b":{"type":"END"}}}`
	graph := s.createGraph("g", definition)
	for _, path := range []string{graph, strings.Replace(s.start(graph, "x", "1"), "/executions/", "/graph_detail/", 1)} {
		got := s.do("GET", path, "")
		if !strings.Contains(got.body, `"definition":`+definition+`,`) {
			t.Errorf("%s: got %s, want the definition %s in it", path, got.body, definition)
		}
	}
}

func TestShowGraph(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	plain := s.createGraph("plain", passGraph)
	if _, there := s.do("GET", plain, "").object(t)["description"]; there {
		t.Error("a graph without a description shows one")
	}
	s.do("POST", graphs, `{"graph_name":"told","description":"A, b.c: d-e_1","definition":`+quoted(passGraph)+`}`)
	told := graphs + "/" + graphURN + "told"
	s.do("GET", told, "").wantField(t, "description", "A, b.c: d-e_1")
	s.do("GET", strings.ReplaceAll(told, ":", "%3A"), "").wantField(t, "name", "told")
	s.do("GET", strings.ReplaceAll(told, ":", "%3a"), "").wantField(t, "name", "told")
}

// Executions keep the definition with which they were started.
func TestUpdateGraph(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", slowGraph)
	before := s.start(graph, "before", "1")
	detail := strings.Replace(before, "/executions/", "/graph_detail/", 1)
	created := s.do("GET", graph, "").text(t, "created_at")
	s.do("GET", detail, "").wantField(t, "last_modified", created)

	updated := s.do("PUT", graph, `{"info_type":"definition","info":`+quoted(passGraph)+`}`).text(t, "last_modified")
	after := s.start(graph, "after", "1")
	s.do("GET", detail, "").wantField(t, "last_modified", created)
	s.do("GET", strings.Replace(after, "/executions/", "/graph_detail/", 1), "").wantField(t, "last_modified", updated)
	for execution, first := range map[string]string{before: "hello", after: "a"} {
		info := s.do("GET", execution, "").object(t)["execution_info"].(map[string]any)
		if info["start_state"] != first {
			t.Errorf("got start_state %v, want %s", info["start_state"], first)
		}
	}
}

// The executions go with their graph, also for a new graph of its name.
func TestDeleteGraph(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", slowGraph)
	execution := s.start(graph, "x", "1")
	s.do("DELETE", graph, "").want(t, 204, "")
	s.do("DELETE", graph, "").wantRefusal(t, 404, "FGS.1011", "")
	s.do("GET", execution, "").wantRefusal(t, 404, "FGS.2002", "")
	s.createGraph("g", passGraph)
	s.do("GET", execution, "").wantRefusal(t, 404, "FGS.2002", "")
	s.do("GET", graph+"/executions", "").want(t, 200, `{"count":0,"executions":[]}`)
}

func TestListGraphs(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.do("GET", graphs, "").want(t, 200, `{"count":0,"graphs":[]}`)
	const fn = "urn:fss:r:p:function:default:f:!live"
	for _, name := range []string{"a1", "b1", "a2", "b2"} {
		s.createGraph(name, passGraph)
	}
	s.createGraph("caller", acting(`"action-name":"x","function":"`+fn+`"`))

	for _, c := range []struct {
		query string
		names string
		count int
	}{
		{"", "caller b2 a2 b1 a1", 5},
		{"name=&start=&limit=&unknown=1&unknown2=2", "caller b2 a2 b1 a1", 5},
		{"name=a", "a2 a1", 2},
		{"name=A", "", 0},
		{"limit=2", "caller b2", 5},
		{"start=2&limit=2", "b2 a2", 5},
		{"start=5", "a1", 5},
		{"start=6", "", 5},
		{"start=1000&limit=1000", "", 5},
		{"order=asc&limit=3", "a1 b1 a2", 5},
		{"order=desc&limit=1", "caller", 5},
		{"graph_urn=" + graphURN + "b1", "b1", 1},
		{"graph_urn=" + strings.ReplaceAll(graphURN, ":", "%3A") + "b1", "b1", 1},
		{"graph_urn=" + graphURN + "b", "", 0},
		{"graph_urn=" + someone, "", 0},
		{"graph_urn=" + elsewhere, "", 0},
		{"graph_urn=b1", "", 0},
		{"function_urn=" + fn, "caller", 1},
		{"function_urn=urn:fss:r:p:function:default:f", "", 0},
		{"trigger_urn=" + topic, "", 0},
	} {
		got := s.do("GET", graphs+"?"+c.query, "")
		if listed := names(t, got, "graphs", "name"); listed != c.names {
			t.Errorf("%s: got %q, want %q", c.query, listed, c.names)
		}
		got.wantField(t, "count", float64(c.count))
	}
	do(t, s.handler, "GET", "/v1.0/other/cloud_graphs", "").want(t, 200, `{"count":0,"graphs":[]}`)
}

// names joins a field of a list's items.
func names(t testing.TB, a answer, list, field string) string {
	t.Helper()
	var all []string
	for _, item := range a.object(t)[list].([]any) {
		all = append(all, fmt.Sprint(item.(map[string]any)[field]))
	}
	return strings.Join(all, " ")
}

// Following next_marker shows every item once, in both orders, also items that
// start could not reach.
func TestMarkers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	want := ""
	var graph string
	for i := range 7 {
		name := fmt.Sprintf("g%d", i)
		graph = s.createGraph(name, passGraph)
		want = strings.TrimSpace(want + " " + name)
	}
	for i := range 7 {
		s.finish(s.start(graph, fmt.Sprintf("g%d", i), "1"))
	}
	for _, list := range []struct{ path, list, field string }{
		{graphs, "graphs", "name"},
		{graph + "/executions", "executions", "execution_name"},
	} {
		for _, order := range []string{"asc", "desc"} {
			for _, limit := range []int{1, 3, 6, 7, 8} {
				got, marker, pages := "", "", 0
				for {
					page := s.do("GET", fmt.Sprintf("%s?order=%s&limit=%d&marker=%s", list.path, order, limit, marker), "")
					page.wantField(t, "count", 7.0)
					got += names(t, page, list.list, list.field) + " "
					pages++
					marker, _ = page.object(t)["next_marker"].(string)
					if marker == "" {
						break
					}
				}
				expected := want
				if order == "desc" {
					expected = "g6 g5 g4 g3 g2 g1 g0"
				}
				if got != expected+" " || pages != (7+limit-1)/limit {
					t.Errorf("%s %s by %d: got %q in %d pages, want %q", list.list, order, limit, got, pages, expected)
				}
			}
		}
	}
}
