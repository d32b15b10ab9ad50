package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Paths of a service that has a graph g, which passes its input on, a graph
// slow, which waits for a day, and an execution of each.
const (
	graphURN    = "urn:fgs:" + region + ":" + project + ":graph:"
	someone     = "urn:fgs:" + region + ":0000000000000000000000000000000f:graph:g"
	elsewhere   = "urn:fgs:southchina:" + project + ":graph:g"
	unknownRun  = "urn:fgs:" + region + ":" + project + ":execution:g:x:00000000000000000000000000000000"
	runOfOthers = "urn:fgs:" + region + ":0000000000000000000000000000000f:execution:g:x:00000000000000000000000000000000"
	passGraph   = `{"states":{"a":{"type":"NOOP","next-state":"end","start":true},"end":{"type":"END"}}}`
	slowGraph   = `{"states":{"hello":{"type":"DELAY","start":true,"time-delay":86400,"next-state":"end"},"end":{"type":"END"}}}`
)

// refusal is a request that the API refuses. In its target and body, {ended}
// and {running} stand for the URNs of two executions of g and slow.
type refusal struct {
	name   string
	method string
	target string // below /v1.0/{project_id}, or a whole path if it begins with "="
	body   string
	header string
	status int
	code   string
	part   string // of the message
}

var refusals = []refusal{
	// The path.
	{"unknown path", "GET", "/cloud_graph", "", "", 404, "FGS.0012", "not a path"},
	{"unknown root", "GET", "=/", "", "", 404, "FGS.0012", ""},
	{"unknown version", "GET", "=/v2.0/" + project + "/cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"wrong case", "GET", "/Cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"trailing slash", "GET", "/cloud_graphs/", "", "", 404, "FGS.0012", ""},
	{"doubled slash", "GET", "//cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"dot segment", "GET", "/x/../cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"encoded dot segment", "GET", "/x/%2e%2E/cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"encoded slash", "GET", "/cloud_graphs%2Furn", "", "", 404, "FGS.0012", ""},
	{"encoded slash in a URN", "GET", "/cloud_graphs/" + graphURN + "a%2fb", "", "", 404, "FGS.0012", ""},
	{"encoded backslash", "GET", "/cloud_graphs/%5C", "", "", 404, "FGS.0012", ""},
	{"NUL", "GET", "/cloud_graphs/" + graphURN + "g%00", "", "", 404, "FGS.0012", ""},
	{"not UTF-8", "GET", "/cloud_graphs/%FF", "", "", 404, "FGS.0012", ""},
	{"absolute target", "GET", "=http://example.com/v1.0/" + project + "/cloud_graphs", "", "", 404, "FGS.0012", ""},
	{"parameter after a semicolon", "GET", "/cloud_graphs;x=1", "", "", 404, "FGS.0012", ""},
	{"other method", "PATCH", "/cloud_graphs", "", "", 405, "FGS.0012", "GET, POST"},
	{"other known method", "DELETE", "/cloud_graphs", "", "", 405, "FGS.0012", "GET, POST"},
	{"HEAD", "HEAD", "/cloud_graphs", "", "", 405, "FGS.0012", ""},
	{"made-up method", "BREW", "/cloud_graphs/" + graphURN + "g", "", "", 405, "FGS.0012", "DELETE, GET, PUT"},
	{"made-up method on an unknown path", "BREW", "/coffee", "", "", 404, "FGS.0012", ""},
	{"GET on an action", "GET", "/cloud_graphs/" + graphURN + "g/executions/action", "", "", 405, "FGS.0012", "POST"},

	// The project.
	{"project with a sign", "GET", "=/v1.0/a-b/cloud_graphs", "", "", 400, "FGS.0001", "letters and digits"},
	{"project in Chinese", "GET", "=/v1.0/%E9%A1%B9/cloud_graphs", "", "", 400, "FGS.0001", ""},
	{"project too long", "GET", "=/v1.0/" + strings.Repeat("a", 65) + "/cloud_graphs", "", "", 400, "FGS.0001", "64"},
	{"project before URN", "GET", "=/v1.0/a-b/cloud_graphs/x", "", "", 400, "FGS.0001", ""},
	{"project of a call to come", "GET", "=/v1.0/a-b/cloud_triggers", "", "", 400, "FGS.0001", ""},

	// The URN in the path.
	{"no URN", "GET", "/cloud_graphs/g", "", "", 400, "FGS.0010", "fields"},
	{"URN of an execution", "GET", "/cloud_graphs/" + unknownRun, "", "", 400, "FGS.0010", ""},
	{"URN of a graph", "GET", "/cloud_graphs/executions/" + graphURN + "g", "", "", 400, "FGS.0010", ""},
	{"fixed text in place of a URN", "GET", "/cloud_graphs/executions/executions", "", "", 400, "FGS.0010", ""},
	{"fixed text in place of a graph", "GET", "/cloud_graphs/graph_detail", "", "", 400, "FGS.0010", ""},
	{"old form of a URN", "GET", "/cloud_graphs/executions/urn:serverless:" + region + ":" + project + ":execution:g:x:00000000000000000000000000000000", "", "", 400, "FGS.0010", "urn:fgs"},
	{"another project's graph", "GET", "/cloud_graphs/" + someone, "", "", 400, "FGS.0010", "another project"},
	{"another region's graph", "GET", "/cloud_graphs/" + elsewhere, "", "", 400, "FGS.0010", `"southchina"`},
	{"another project's execution", "GET", "/cloud_graphs/executions/" + runOfOthers, "", "", 400, "FGS.0010", "another project"},
	{"a history of another project", "GET", "/cloud_graphs/executions/" + runOfOthers + "/history", "", "", 400, "FGS.0010", ""},
	{"a graph_detail of another project", "GET", "/cloud_graphs/graph_detail/" + runOfOthers, "", "", 400, "FGS.0010", ""},
	{"a list of another project", "GET", "/cloud_graphs/" + someone + "/executions", "", "", 400, "FGS.0010", ""},
	{"deleting another project's graph", "DELETE", "/cloud_graphs/" + someone, "", "", 400, "FGS.0010", ""},
	{"updating another project's graph", "PUT", "/cloud_graphs/" + someone, "{", "", 400, "FGS.0010", ""},
	{"starting another project's graph", "POST", "/cloud_graphs/" + someone + "/executions/action", "{", "", 400, "FGS.0010", ""},
	{"id in capitals", "GET", "/cloud_graphs/executions/" + strings.Replace(unknownRun, "0000000", "AAAAAAA", 1), "", "", 400, "FGS.0010", "lower-case"},

	// The body.
	{"no body", "POST", "/cloud_graphs", "", "", 400, "FGS.0008", "JSON object"},
	{"blank body", "POST", "/cloud_graphs", " \n", "", 400, "FGS.0008", ""},
	{"null", "POST", "/cloud_graphs", "null", "", 400, "FGS.0008", "null"},
	{"empty object", "POST", "/cloud_graphs", "{ }", "", 400, "FGS.0008", ""},
	{"not JSON", "POST", "/cloud_graphs", "graph_name=x", "", 400, "FGS.0009", "byte"},
	{"cut off", "POST", "/cloud_graphs", `{"graph_name":"x"`, "", 400, "FGS.0009", ""},
	{"more than one value", "POST", "/cloud_graphs", `{"graph_name":"x"} {}`, "", 400, "FGS.0009", ""},
	{"duplicate key", "POST", "/cloud_graphs", `{"graph_name":"x","graph_name":"y"}`, "", 400, "FGS.0009", "graph_name"},
	{"bytes that are not UTF-8", "POST", "/cloud_graphs", "{\"graph_name\":\"\xff\"}", "", 400, "FGS.0009", ""},
	{"byte order mark", "POST", "/cloud_graphs", "\ufeff{\"graph_name\":\"x\"}", "", 400, "FGS.0009", ""},
	{"UTF-16", "POST", "/cloud_graphs", "\xff\xfe{\x00}\x00", "", 400, "FGS.0009", ""},
	{"lone surrogate", "POST", "/cloud_graphs", `{"graph_name":"\ud800"}`, "", 400, "FGS.0009", ""},
	{"raw NUL", "POST", "/cloud_graphs", "{\"graph_name\":\"\x00\"}", "", 400, "FGS.0009", ""},
	{"nested too deep", "POST", "/cloud_graphs", `{"x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "", 400, "FGS.0009", ""},
	{"nested a million deep", "POST", "/cloud_graphs", strings.Repeat("[", 1<<20), "", 400, "FGS.0009", ""},
	{"an array", "POST", "/cloud_graphs", `[{"graph_name":"x"}]`, "", 400, "FGS.0005", "an array"},
	{"a string", "POST", "/cloud_graphs", `"x"`, "", 400, "FGS.0005", "a string"},
	{"ten megabytes", "POST", "/cloud_graphs", strings.Repeat(" ", 10<<20), "", 413, "FGS.4109", "1048576"},
	{"one byte too many", "POST", "/cloud_graphs", `{"a":"` + strings.Repeat("x", 1<<20-7) + `"}`, "", 413, "FGS.4109", ""},
	{"as many bytes as can be", "POST", "/cloud_graphs", `{"a":"` + strings.Repeat("x", 1<<20-8) + `"}`, "", 400, "FGS.1006", "graph_name is missing"},

	// Creating a graph.
	{"no name", "POST", "/cloud_graphs", `{"Graph_Name":"x"}`, "", 400, "FGS.1006", "graph_name is missing"},
	{"name of another type", "POST", "/cloud_graphs", `{"graph_name":1}`, "", 400, "FGS.1006", "must be a string, not a number"},
	{"empty name", "POST", "/cloud_graphs", `{"graph_name":""}`, "", 400, "FGS.1006", "empty"},
	{"name that begins with a sign", "POST", "/cloud_graphs", `{"graph_name":"-x"}`, "", 400, "FGS.1006", "begin"},
	{"name with a blank", "POST", "/cloud_graphs", `{"graph_name":"a b"}`, "", 400, "FGS.1006", `"a b"`},
	{"name in Chinese", "POST", "/cloud_graphs", `{"graph_name":"图"}`, "", 400, "FGS.1006", ""},
	{"name of 65", "POST", "/cloud_graphs", `{"graph_name":"` + strings.Repeat("a", 65) + `"}`, "", 400, "FGS.1007", "65"},
	{"description of another type", "POST", "/cloud_graphs", `{"graph_name":"x","description":[]}`, "", 400, "FGS.1008", "an array"},
	{"description of 257", "POST", "/cloud_graphs", `{"graph_name":"x","description":"` + strings.Repeat("a", 257) + `"}`, "", 400, "FGS.1008", "257"},
	{"description with a sign", "POST", "/cloud_graphs", `{"graph_name":"x","description":"<b>"}`, "", 400, "FGS.1008", "letters"},
	{"no definition", "POST", "/cloud_graphs", `{"graph_name":"x"}`, "", 400, "FGS.1002", "definition is missing"},
	{"null definition", "POST", "/cloud_graphs", `{"graph_name":"x","definition":null}`, "", 400, "FGS.1002", ""},
	{"definition that is no string", "POST", "/cloud_graphs", `{"graph_name":"x","definition":` + passGraph + `}`, "", 400, "FGS.0005", "must be a string, not an object"},
	{"name that is taken", "POST", "/cloud_graphs", `{"graph_name":"g","definition":` + quoted(passGraph) + `}`, "", 409, "FGS.1005", `"g"`},
	{"trigger", "POST", "/cloud_graphs", `{"graph_name":"x","definition":` + quoted(eventGraph) + `}`, "", 404, "FGS.4105", `"event1"`},

	// Other calls on graphs.
	{"showing what is not there", "GET", "/cloud_graphs/" + graphURN + "x", "", "", 404, "FGS.1011", `"x"`},
	{"deleting what is not there", "DELETE", "/cloud_graphs/" + graphURN + "x", "", "", 404, "FGS.1011", ""},
	{"updating what is not there", "PUT", "/cloud_graphs/" + graphURN + "x", `{"info_type":"definition","info":` + quoted(passGraph) + `}`, "", 404, "FGS.1011", ""},
	{"updating, body before existence", "PUT", "/cloud_graphs/" + graphURN + "x", "", "", 400, "FGS.0008", ""},
	{"updating without a type", "PUT", "/cloud_graphs/" + graphURN + "g", `{"info":"{}"}`, "", 400, "FGS.0005", "info_type is missing"},
	{"updating something else", "PUT", "/cloud_graphs/" + graphURN + "g", `{"info":"x","info_type":"name"}`, "", 400, "FGS.0005", `"name"`},
	{"updating without info", "PUT", "/cloud_graphs/" + graphURN + "g", `{"info_type":"definition"}`, "", 400, "FGS.1002", "info"},
	{"updating to an empty definition", "PUT", "/cloud_graphs/" + graphURN + "g", `{"info_type":"definition","info":"{}"}`, "", 400, "FGS.1002", ""},
	{"updating to a trigger", "PUT", "/cloud_graphs/" + graphURN + "g", `{"info_type":"definition","info":` + quoted(eventGraph) + `}`, "", 404, "FGS.4105", ""},

	// Listing graphs.
	{"start 0", "GET", "/cloud_graphs?start=0", "", "", 400, "FGS.1009", "1 to 1000"},
	{"start 1001", "GET", "/cloud_graphs?start=1001", "", "", 400, "FGS.1009", ""},
	{"start in words", "GET", "/cloud_graphs?start=one", "", "", 400, "FGS.1009", `"one"`},
	{"start with decimals", "GET", "/cloud_graphs?start=1.0", "", "", 400, "FGS.1009", ""},
	{"limit 0", "GET", "/cloud_graphs?limit=0", "", "", 400, "FGS.1010", ""},
	{"limit 1001", "GET", "/cloud_graphs?limit=1001", "", "", 400, "FGS.1010", ""},
	{"huge limit", "GET", "/cloud_graphs?limit=99999999999999999999", "", "", 400, "FGS.1010", ""},
	{"name filter", "GET", "/cloud_graphs?name=a.b", "", "", 400, "FGS.1014", ""},
	{"name filter with a blank", "GET", "/cloud_graphs?name=a+b", "", "", 400, "FGS.1014", ""},
	{"graph filter", "GET", "/cloud_graphs?graph_urn=urn.x", "", "", 400, "FGS.1015", "graph_urn"},
	{"trigger filter", "GET", "/cloud_graphs?trigger_urn=urn!x", "", "", 400, "FGS.1015", "trigger_urn"},
	{"function filter", "GET", "/cloud_graphs?function_urn=urn*x", "", "", 400, "FGS.1015", "function_urn"},
	{"two filters", "GET", "/cloud_graphs?name=a&function_urn=b", "", "", 400, "FGS.0013", "name and function_urn"},
	{"parameter given twice", "GET", "/cloud_graphs?limit=1&limit=2", "", "", 400, "FGS.0013", "limit"},
	{"broken query", "GET", "/cloud_graphs?name=%zz", "", "", 400, "FGS.0013", ""},
	{"query that is not UTF-8", "GET", "/cloud_graphs?name=%ff", "", "", 400, "FGS.0013", "UTF-8"},
	{"order", "GET", "/cloud_graphs?order=up", "", "", 400, "FGS.0013", "asc or desc"},
	{"marker of graphs", "GET", "/cloud_graphs?marker=x", "", "", 400, "FGS.0013", "marker"},
	{"marker and start", "GET", "/cloud_graphs?marker=1&start=1", "", "", 400, "FGS.0013", "exclude"},

	// Starting.
	{"no action type", "POST", act("g"), `{"unknown":1}`, "", 400, "FGS.2006", "action_type is missing"},
	{"action type of another type", "POST", act("g"), `{"action_type":1}`, "", 400, "FGS.2006", ""},
	{"unknown action type", "POST", act("g"), `{"action_type":"Start","unknown":1}`, "", 400, "FGS.2006", `"Start"`},
	{"unknown field", "POST", act("g"), `{"action_type":"start","executions":{},"x":1}`, "", 400, "FGS.2017", `"x"`},
	{"field in another case", "POST", act("g"), `{"action_type":"start","Executions":{}}`, "", 400, "FGS.2017", `"Executions"`},
	{"unknown inner field", "POST", act("g"), start(`"execution_name":"x","input":"1","tags":[]`), "", 400, "FGS.2017", `"tags"`},
	{"no executions", "POST", act("g"), `{"action_type":"start"}`, "", 400, "FGS.0005", "executions is missing"},
	{"executions of another type", "POST", act("g"), `{"action_type":"start","executions":[]}`, "", 400, "FGS.0005", "an object, not an array"},
	{"no execution name", "POST", act("g"), start(`"input":"1"`), "", 400, "FGS.2001", "missing"},
	{"execution name of another type", "POST", act("g"), start(`"execution_name":null,"input":"1"`), "", 400, "FGS.2001", "null"},
	{"empty execution name", "POST", act("g"), start(`"execution_name":"","input":"1"`), "", 400, "FGS.2001", "0 characters"},
	{"execution name of 81", "POST", act("g"), start(`"execution_name":"` + strings.Repeat("实", 81) + `","input":"1"`), "", 400, "FGS.2001", "81 characters"},
	{"no input", "POST", act("g"), start(`"execution_name":"x"`), "", 400, "FGS.0005", "input is missing"},
	{"input that is no string", "POST", act("g"), start(`"execution_name":"x","input":{"k1":"123"}`), "", 400, "FGS.0005", "a string, not an object"},
	{"input of 32769", "POST", act("g"), start(`"execution_name":"x","input":"\"` + strings.Repeat("实", 32767) + `\""`), "", 400, "FGS.0005", "32769 characters"},
	{"empty input", "POST", act("g"), start(`"execution_name":"x","input":""`), "", 400, "FGS.2008", "JSON"},
	{"input that is not JSON", "POST", act("g"), start(`"execution_name":"x","input":"k1=123"`), "", 400, "FGS.2008", "JSON"},
	{"input with a duplicate key", "POST", act("g"), start(`"execution_name":"x","input":"{\"a\":1,\"a\":2}"`), "", 400, "FGS.2008", ""},
	{"input nested too deep", "POST", act("g"), start(`"execution_name":"x","input":"` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `"`), "", 400, "FGS.2008", ""},
	{"starting what is not there", "POST", act("x"), start(`"execution_name":"x","input":"1"`), "", 404, "FGS.1011", `"x"`},
	{"body before existence", "POST", act("x"), start(`"execution_name":"x","input":""`), "", 400, "FGS.2008", ""},
	{"empty idempotency key", "POST", act("g"), start(`"execution_name":"x","input":"1"`), "Idempotency-Key: ", 400, "FGS.0005", "Idempotency-Key"},
	{"idempotency key with a blank", "POST", act("g"), start(`"execution_name":"x","input":"1"`), "Idempotency-Key: a b", 400, "FGS.0005", "visible"},
	{"idempotency key of 256", "POST", act("g"), start(`"execution_name":"x","input":"1"`), "Idempotency-Key: " + strings.Repeat("k", 256), 400, "FGS.0005", "255"},
	{"page of another origin", "POST", act("g"), start(`"execution_name":"x","input":"1"`), "Sec-Fetch-Site: cross-site", 403, "FGS.0004", "browser"},

	// Stopping.
	{"no execution URN", "POST", act("g"), stop(``), "", 400, "FGS.0005", "execution_urn is missing"},
	{"execution URN of another type", "POST", act("g"), stop(`"execution_urn":7`), "", 400, "FGS.0005", "a number"},
	{"malformed execution URN", "POST", act("g"), stop(`"execution_urn":"x"`), "", 400, "FGS.0010", "execution_urn"},
	{"execution URN of another graph", "POST", act("g"), stop(`"execution_urn":"{running}"`), "", 400, "FGS.0010", `"slow"`},
	{"execution URN of another project", "POST", act("g"), stop(`"execution_urn":"` + runOfOthers + `"`), "", 400, "FGS.0010", "another project"},
	{"name in place of the URN", "POST", act("g"), stop(`"execution_name":"x"`), "", 400, "FGS.2017", `"execution_name"`},
	{"stopping what is not there", "POST", act("g"), stop(`"execution_urn":"` + unknownRun + `"`), "", 404, "FGS.2002", ""},
	{"stopping where is no graph", "POST", act("x"), stop(`"execution_urn":"` + strings.Replace(unknownRun, ":g:", ":x:", 1) + `"`), "", 404, "FGS.1011", ""},
	{"stopping what has ended", "POST", act("g"), stop(`"execution_urn":"{ended}"`), "", 409, "FGS.2022", ""},

	// Reading executions.
	{"executions of no graph", "GET", "/cloud_graphs/" + graphURN + "x/executions", "", "", 404, "FGS.1011", ""},
	{"executions from 0", "GET", "/cloud_graphs/" + graphURN + "g/executions?start=0", "", "", 400, "FGS.2004", ""},
	{"executions without a limit", "GET", "/cloud_graphs/" + graphURN + "g/executions?limit=-1", "", "", 400, "FGS.2005", ""},
	{"execution name filter", "GET", "/cloud_graphs/" + graphURN + "g/executions?name=a*", "", "", 400, "FGS.2019", `'*'`},
	{"filters that exclude each other", "GET", "/cloud_graphs/" + graphURN + "g/executions?name=a&execution_urn=b", "", "", 400, "FGS.0013", ""},
	{"marker of executions", "GET", "/cloud_graphs/" + graphURN + "g/executions?marker=12", "", "", 400, "FGS.0013", ""},
	{"showing no execution", "GET", "/cloud_graphs/executions/" + unknownRun, "", "", 404, "FGS.2002", `"x"`},
	{"showing an execution under another name", "GET", "/cloud_graphs/executions/{renamed}", "", "", 404, "FGS.2002", ""},
	{"showing an execution of no graph", "GET", "/cloud_graphs/executions/" + strings.Replace(unknownRun, ":g:", ":x:", 1), "", "", 404, "FGS.2002", ""},
	{"detail of no execution", "GET", "/cloud_graphs/graph_detail/" + unknownRun, "", "", 404, "FGS.2002", ""},
	{"detail of an execution under another name", "GET", "/cloud_graphs/graph_detail/{renamed}", "", "", 404, "FGS.2002", ""},
	{"history of no execution", "GET", "/cloud_graphs/executions/" + unknownRun + "/history", "", "", 404, "FGS.2002", ""},
	{"history from 0", "GET", "/cloud_graphs/executions/{ended}/history?start=0", "", "", 400, "FGS.2004", ""},
	{"history limit", "GET", "/cloud_graphs/executions/{ended}/history?limit=x", "", "", 400, "FGS.2005", ""},
	{"history marker", "GET", "/cloud_graphs/executions/{ended}/history?marker=x", "", "", 400, "FGS.0013", ""},
	{"waiting too long", "GET", "/cloud_graphs/executions/{running}/history?order=asc&marker=2", "", "X-Heddle-Wait-Seconds: 21", 400, "FGS.0005", "0 to 20"},
	{"waiting for ages", "GET", "/cloud_graphs/executions/{running}/history?order=asc&marker=2", "", "X-Heddle-Wait-Seconds: 18446744074", 400, "FGS.0005", "0 to 20"},
	{"waiting from the end", "GET", "/cloud_graphs/executions/{running}/history?marker=2", "", "X-Heddle-Wait-Seconds: 1", 400, "FGS.0005", "order=asc"},
}

func act(graph string) string { return "/cloud_graphs/" + graphURN + graph + "/executions/action" }

func start(fields string) string { return `{"action_type":"start","executions":{` + fields + `}}` }

func stop(fields string) string { return `{"action_type":"stop","executions":{` + fields + `}}` }

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	ended := s.start(s.createGraph("g", passGraph), "x", "1")
	s.finish(ended)
	running := s.start(s.createGraph("slow", slowGraph), "x", "1")
	fill := strings.NewReplacer(
		"{ended}", strings.TrimPrefix(ended, graphs+"/executions/"),
		"{running}", strings.TrimPrefix(running, graphs+"/executions/"),
		"{renamed}", strings.Replace(strings.TrimPrefix(ended, graphs+"/executions/"), ":x:", ":y:", 1),
	)
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target, whole := strings.CutPrefix(c.target, "=")
			if !whole {
				target = "/v1.0/" + project + target
			}
			var header []string
			if c.header != "" {
				header = []string{c.header}
			}
			got := do(t, s.handler, c.method, fill.Replace(target), fill.Replace(c.body), header...)
			got.wantRefusal(t, c.status, c.code, c.part)
		})
	}
}

// A chunked body has no length that could be checked before it is read.
func TestAChunkedBodyIsRefused(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("POST", graphs, strings.NewReader("{}"))
	r.ContentLength = -1
	w := httptest.NewRecorder()
	faked(fakeEngine{}, fakeStore{}).ServeHTTP(w, r)
	answer{w.Code, w.Header(), w.Body.String()}.wantRefusal(t, 411, "FGS.0005", "Content-Length")
}

func TestWrongMethodsAreToldTheRightOnes(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{})
	for target, want := range map[string]string{
		graphs:                                      "GET, POST",
		graphs + "/x":                               "DELETE, GET, PUT",
		"/v1.0/p/cloud_triggers/batch_action":       "DELETE, GET, POST, PUT",
		"/v1.0/p/cloud_graphs_quota/default":        "GET",
		"/v1.0/p/cloud_cron/urn%3Afgs/action":       "PUT",
		"/v1.0/p/cloud_graphs/executions/x/history": "GET",
		"/healthz":                                  "GET",
	} {
		if got := do(t, h, "PATCH", target, "").header.Get("Allow"); got != want {
			t.Errorf("%s: got Allow %q, want %q", target, got, want)
		}
	}
}

// Every sign that the name of an execution must not have, and some that it may.
func TestExecutionNames(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	graph := s.createGraph("g", passGraph)
	for _, sign := range []string{
		"<", ">", "{", "}", "[", "]", "?", "*", `\"`, "#", "%", `\\`, "^", "|", "~", "`", "$", "&", ",", ";", ":", "/",
		" ", `\t`, `\n`, "\u00a0", "\u2003", "\u3000", `\u0000`, `\u001f`, `\u007f`, `\u0085`, `\u009f`,
	} {
		got := s.do("POST", graph+"/executions/action", start(`"execution_name":"a`+sign+`b","input":"1"`))
		got.wantRefusal(t, 400, "FGS.2001", "must not contain")
	}
	for _, name := range []string{"a", "..", "-", "(a)", "a+b", "实例1", "Ünïcödé", "😀", strings.Repeat("实", 80)} {
		s.start(graph, name, "1")
	}
}
