package api_test

import (
	"fmt"
	"strings"
	"testing"

	"heddle/internal/store"
)

const (
	triggers = "/v1.0/" + project + "/cloud_triggers"
	mappings = "/v1.0/" + project + "/trigger_graph_mappings"

	smnDef    = `{"Topic":"urn:smn:` + region + `:` + project + `:pzwtopic"}`
	obsDef    = `{"BucketName":"obs-1123","EventRule":{"Filter":{"S3Key":{"FilterRule":[{"Name":"prefix","Value":"abc"},{"Name":"suffix","Value":".jpg"}]}},"Event":["s3:ObjectCreated:*"]}}`
	workerDef = `{"type":"WorkRequest"}`

	noTrigger  = "urn:fgs:" + region + ":" + project + ":trigger:SMN_pzwtopic_xxx38cb32a7-90bd-4e2f-7459-eabdf6ffce55_1505543466"
	notOurs    = "urn:fgs:" + region + ":0000000000000000000000000000000f:trigger:SMN_pzwtopic_xxx38cb32a7-90bd-4e2f-7459-eabdf6ffce55_1505543466"
	oldTrigger = "urn:fgs:" + region + ":" + project + ":event:SMN_pzwtopic_xxx38cb32a7-90bd-4e2f-7459-eabdf6ffce55_1505543466"
)

func newTrigger(source, definition, more string) string {
	return fmt.Sprintf(`{"event_source":%q,"trigger_def":%s%s}`, source, quoted(definition), more)
}

// createTrigger stores a trigger and returns its URN.
func (s *service) createTrigger(source, name, definition string) string {
	s.t.Helper()
	return s.do("POST", triggers, newTrigger(source, definition, `,"name":`+quoted(name))).text(s.t, "trigger_urn")
}

// mapping is the body that binds a trigger to a graph.
func mapping(trigger, graph string) string {
	return fmt.Sprintf(`{"trigger_urn":%q,"graph_urn":%q}`, trigger, graph)
}

// A {word} in a target or body stands for what the test has made.
var triggerRefusals = []refusal{
	{"no body", "POST", "/cloud_triggers", "", "", 400, "FGS.0008", ""},
	{"not JSON", "POST", "/cloud_triggers", "{", "", 400, "FGS.4004", "byte"},
	{"an array", "POST", "/cloud_triggers", "[1]", "", 400, "FGS.0005", "array"},
	{"no source", "POST", "/cloud_triggers", `{"name":"x"}`, "", 400, "FGS.4208", "event_source is missing"},
	{"empty source", "POST", "/cloud_triggers", newTrigger("", smnDef, ""), "", 400, "FGS.4208", ""},
	{"long source", "POST", "/cloud_triggers", newTrigger(strings.Repeat("S", 33), smnDef, ""), "", 400, "FGS.4209", "32"},
	{"unknown source", "POST", "/cloud_triggers", newTrigger("KAFKA", smnDef, ""), "", 400, "FGS.4210", `"KAFKA"`},
	{"name with an underscore", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"name":"a_b"`), "", 400, "FGS.4207", `"a_b"`},
	{"name with a blank", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"name":"123 WorkFailure"`), "", 400, "FGS.4207", ""},
	{"empty name", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"name":""`), "", 400, "FGS.4207", "leave it out"},
	{"name of another type", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"name":1`), "", 400, "FGS.4207", "a string"},
	{"name of 33", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"name":"`+strings.Repeat("a", 33)+`"`), "", 400, "FGS.4206", "33"},
	{"description of 257", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"description":"`+strings.Repeat("说", 257)+`"`), "", 400, "FGS.4211", "257"},
	{"description with NUL", "POST", "/cloud_triggers", newTrigger("SMN", smnDef, `,"description":"a\u0000b"`), "", 400, "FGS.0005", "U+0000"},
	{"no definition", "POST", "/cloud_triggers", `{"event_source":"SMN"}`, "", 400, "FGS.4212", "empty"},
	{"definition of another type", "POST", "/cloud_triggers", `{"event_source":"SMN","trigger_def":{"Topic":"x"}}`, "", 400, "FGS.4212", "a string, not an object"},
	{"definition that is not JSON", "POST", "/cloud_triggers", newTrigger("SMN", "Topic", ""), "", 400, "FGS.4004", "trigger_def"},
	{"a fault of the definition", "POST", "/cloud_triggers", newTrigger("OBS", `{"BucketName":"ab"}`, ""), "", 400, "FGS.4213", "3 to 63"},
	{"topic of another region", "POST", "/cloud_triggers", newTrigger("SMN", `{"Topic":"urn:smn:southchina:`+project+`:t"}`, ""), "", 404, "FGS.4123", `"southchina"`},
	{"topic of another project", "POST", "/cloud_triggers", newTrigger("SMN", `{"Topic":"urn:smn:`+region+`:p:t"}`, ""), "", 403, "FGS.4126", "another project"},
	{"bucket that is taken", "POST", "/cloud_triggers", newTrigger("OBS", obsDef, ""), "", 409, "FGS.4121", "{bucket}"},

	{"start 0", "GET", "/cloud_triggers?start=0", "", "", 400, "FGS.4280", "1 to 1000"},
	{"limit in words", "GET", "/cloud_triggers?limit=all", "", "", 400, "FGS.4281", `"all"`},
	{"source filter", "GET", "/cloud_triggers?event_source=smn", "", "", 400, "FGS.4210", `"smn"`},
	{"parameter given twice", "GET", "/cloud_triggers?name=a&name=b", "", "", 400, "FGS.0013", "name"},

	{"showing no trigger", "GET", "/cloud_triggers/" + noTrigger, "", "", 404, "FGS.4240", ""},
	{"showing no UUID", "GET", "/cloud_triggers/38cb32a7-90bd-4e2f-7459-eabdf6ffce55", "", "", 404, "FGS.4240", ""},
	{"showing by name", "GET", "/cloud_triggers/asked", "", "", 404, "FGS.4240", ""},
	{"showing the batch", "GET", "/cloud_triggers/batch_action", "", "", 404, "FGS.4240", ""},
	{"showing by the old form", "GET", "/cloud_triggers/" + oldTrigger, "", "", 400, "FGS.0010", ":trigger:"},
	{"showing another project's", "GET", "/cloud_triggers/" + notOurs, "", "", 400, "FGS.0010", "another project"},

	{"updating no trigger", "PUT", "/cloud_triggers/" + noTrigger, `{"description":"x"}`, "", 404, "FGS.4260", ""},
	{"updating by UUID", "PUT", "/cloud_triggers/38cb32a7-90bd-4e2f-7459-eabdf6ffce55", `{"description":"x"}`, "", 400, "FGS.0010", ""},
	{"updating nothing", "PUT", "/cloud_triggers/{asked}", `{}`, "", 400, "FGS.0008", ""},
	{"updating something else", "PUT", "/cloud_triggers/{asked}", `{"description":"x","name":"y"}`, "", 400, "FGS.0005", `"name"`},
	{"updating to a number", "PUT", "/cloud_triggers/{asked}", `{"description":1}`, "", 400, "FGS.0005", "a string"},
	{"updating to 257", "PUT", "/cloud_triggers/{asked}", `{"description":"` + strings.Repeat("a", 257) + `"}`, "", 400, "FGS.4211", ""},
	{"updating with what is not JSON", "PUT", "/cloud_triggers/{asked}", `x`, "", 400, "FGS.4004", ""},

	{"deleting no trigger", "DELETE", "/cloud_triggers/" + noTrigger, "", "", 404, "FGS.4250", ""},
	{"deleting the batch", "DELETE", "/cloud_triggers/batch_action", "", "", 400, "FGS.0010", ""},
	{"deleting what is named", "DELETE", "/cloud_triggers/{named}", "", "", 409, "FGS.4251", "update or delete the graph first"},
	{"deleting what is mapped", "DELETE", "/cloud_triggers/{asked}", "", "", 409, "FGS.4252", "delete the mapping first"},

	{"batch without an action", "POST", "/cloud_triggers/batch_action", `{"urn_list":["x"]}`, "", 400, "FGS.4272", "missing"},
	{"batch with another action", "POST", "/cloud_triggers/batch_action", `{"action_type":"enable","urn_list":["x"]}`, "", 400, "FGS.4272", `"enable"`},
	{"batch of nothing", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete"}`, "", 400, "FGS.4274", ""},
	{"empty batch", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":[]}`, "", 400, "FGS.4274", ""},
	{"batch of another type", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":"x"}`, "", 400, "FGS.0005", "an array"},
	{"batch of numbers", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":[1]}`, "", 400, "FGS.0005", "urn_list[0]"},
	{"batch of 51", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":[1` + strings.Repeat(",1", 50) + `]}`, "", 400, "FGS.4271", "51"},
	{"batch with one twice", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":["a","b","a"]}`, "", 400, "FGS.4273", "urn_list[2]"},
	{"batch of what is not there", "POST", "/cloud_triggers/batch_action", `{"action_type":"delete","urn_list":["` + noTrigger + `","{asked}"]}`, "", 409, "FGS.4270", "2 of 2 are left: " + noTrigger + " (FGS.4250), {asked} (FGS.4252)"},

	{"mapping without a body", "POST", "/trigger_graph_mappings", "", "", 400, "FGS.4400", ""},
	{"mapping that is not JSON", "POST", "/trigger_graph_mappings", "x", "", 400, "FGS.4400", ""},
	{"mapping without a trigger", "POST", "/trigger_graph_mappings", `{"graph_urn":"x"}`, "", 400, "FGS.4400", "trigger_urn is missing"},
	{"mapping without a graph", "POST", "/trigger_graph_mappings", `{"trigger_urn":"{asked}"}`, "", 400, "FGS.4400", "graph_urn is missing"},
	{"malformed trigger", "POST", "/trigger_graph_mappings", mapping("x", graphURN+"g"), "", 400, "FGS.4401", "fields"},
	{"malformed graph", "POST", "/trigger_graph_mappings", mapping("{asked}", "x"), "", 400, "FGS.4402", "fields"},
	{"another project's trigger", "POST", "/trigger_graph_mappings", mapping(notOurs, graphURN+"g"), "", 400, "FGS.0010", "another project"},
	{"another region's graph", "POST", "/trigger_graph_mappings", mapping("{asked}", elsewhere), "", 400, "FGS.0010", "southchina"},
	{"enabled in words", "POST", "/trigger_graph_mappings", `{"trigger_urn":"{asked}","graph_urn":"` + graphURN + `g","enabled":"yes"}`, "", 400, "FGS.4400", "a boolean"},
	{"no such trigger", "POST", "/trigger_graph_mappings", mapping(noTrigger, graphURN+"g"), "", 404, "FGS.4404", ""},
	{"no such graph", "POST", "/trigger_graph_mappings", mapping("{asked}", graphURN+"x"), "", 404, "FGS.4405", `"x"`},
	{"a worker's trigger", "POST", "/trigger_graph_mappings", mapping("{worker}", graphURN+"g"), "", 400, "FGS.4412", "workers"},
	{"mapped twice", "POST", "/trigger_graph_mappings", mapping("{asked}", graphURN+"g"), "", 409, "FGS.4407", "already"},
	{"the same topic", "POST", "/trigger_graph_mappings", mapping("{again}", graphURN+"g"), "", 409, "FGS.4413", "pzwtopic"},

	{"a graph that waits", "POST", "/trigger_graph_mappings", mapping("{asked}", graphURN+"waiting"), "", 409, "FGS.4411", `"waiting"`},

	{"mapping filter", "GET", "/trigger_graph_mappings?graph_urn=g", "", "", 400, "FGS.4402", ""},
	{"mapping filter of triggers", "GET", "/trigger_graph_mappings?trigger_urn=t", "", "", 400, "FGS.4401", ""},
	{"mapping filter given twice", "GET", "/trigger_graph_mappings?graph_urn=a&graph_urn=b", "", "", 400, "FGS.0013", ""},

	{"id without a colon", "GET", "/trigger_graph_mappings/x", "", "", 400, "FGS.4408", "a colon"},
	{"id with two colons", "GET", "/trigger_graph_mappings/g:SMN_x:y", "", "", 400, "FGS.4408", ""},
	{"id of no source", "GET", "/trigger_graph_mappings/g:x", "", "", 400, "FGS.4408", ""},
	{"no such mapping", "GET", "/trigger_graph_mappings/g:SMN_x", "", "", 404, "FGS.4409", "g:SMN_x"},
	{"no such mapping of a trigger", "GET", "/trigger_graph_mappings/h:{last}", "", "", 404, "FGS.4409", ""},
	{"enabling nothing", "PUT", "/trigger_graph_mappings/g:{last}", `{}`, "", 400, "FGS.4400", ""},
	{"enabling in words", "PUT", "/trigger_graph_mappings/g:{last}", `{"enabled":"true"}`, "", 400, "FGS.4400", "a boolean"},
	{"enabling no mapping", "PUT", "/trigger_graph_mappings/h:{last}", `{"enabled":true}`, "", 404, "FGS.4409", ""},
	{"deleting no mapping", "DELETE", "/trigger_graph_mappings/h:{last}", "", "", 404, "FGS.4409", ""},
	{"deleting a mapped graph", "DELETE", "/cloud_graphs/" + graphURN + "g", "", "", 409, "FGS.1016", "delete the mapping first"},
}

// triggerFaults are definitions of triggers that are refused with a code each.
var triggerFaults = map[string][2]string{
	"FGS.4213": {"OBS", `{"BucketName":"ab"}`},
	"FGS.4214": {"OBS", `{"BucketName":"` + strings.Repeat("a", 64) + `"}`},
	"FGS.4215": {"OBS", `{"BucketName":"obs_cff"}`},
	"FGS.4217": {"OBS", bucketDef(`[{"Name":"infix"}]`, "s3:ObjectCreated:*")},
	"FGS.4218": {"OBS", bucketDef(`[{"Name":"prefix"},{"Name":"prefix"}]`, "s3:ObjectCreated:*")},
	"FGS.4219": {"OBS", bucketDef(`[{},{},{}]`, "s3:ObjectCreated:*")},
	"FGS.4220": {"OBS", bucketDef(`[]`)},
	"FGS.4221": {"OBS", bucketDef(`[]`, "1", "2", "3", "4", "5", "6", "7", "8", "9")},
	"FGS.4222": {"OBS", bucketDef(`[]`, "s3:*")},
	"FGS.4223": {"Worker", `{"type":""}`},
	"FGS.4224": {"Worker", `{"type":"` + strings.Repeat("W", 33) + `"}`},
	"FGS.4225": {"Worker", `{"type":"WorkerRequest"}`},
	"FGS.4227": {"SMN", `{"Topic":""}`},
	"FGS.4231": {"SMN", `{"Topic":"urn:smn:r:p:` + strings.Repeat("t", 256) + `"}`},
	"FGS.4232": {"SMN", `{"Topic":"urn:smn:r:p:a.b"}`},
	"FGS.4233": {"SMN", `{"Topic":"topic_URN"}`},
	"FGS.4234": {"OBS", bucketDef(`[]`, "s3:ObjectCreated:Put", "s3:ObjectCreated:Put")},
	"FGS.4235": {"OBS", bucketDef(`[]`, "s3:ObjectCreated:*", "s3:ObjectCreated:Put")},
	"FGS.4236": {"OBS", bucketDef(`[{"Name":"prefix","Value":"`+strings.Repeat("a", 1025)+`"}]`, "s3:ObjectCreated:*")},
	"FGS.4238": {"OBS", `{"BucketName":"obs-1123"}`},
}

func bucketDef(rules string, types ...string) string {
	list := ""
	if len(types) > 0 {
		list = `"` + strings.Join(types, `","`) + `"`
	}
	return `{"BucketName":"obs-1123","EventRule":{"Event":[` + list + `],"Filter":{"S3Key":{"FilterRule":` + rules + `}}}}`
}

func TestTriggerFaults(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for code, c := range triggerFaults {
		s.do("POST", triggers, newTrigger(c[0], c[1], "")).wantRefusal(t, 400, code, "")
	}
}

func TestTriggerRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	s.createGraph("g", passGraph)
	s.createGraph("h", passGraph)
	asked, again := s.createTrigger("SMN", "asked", smnDef), s.createTrigger("SMN", "again", smnDef)
	bucket, worker := s.createTrigger("OBS", "bucket", obsDef), s.createTrigger("Worker", "worker", workerDef)
	named := s.createTrigger("SMN", "named", smnDef)
	if _, err := s.store.CreateGraph(t.Context(), store.Graph{Project: project, Name: "waiting"}, "{}", store.References{Triggers: []string{named}}); err != nil {
		t.Fatal(err)
	}
	s.do("POST", mappings, mapping(asked, graphURN+"g")).object(t)
	s.do("POST", mappings, mapping(bucket, graphURN+"h")).object(t)
	fill := strings.NewReplacer("{asked}", asked, "{again}", again, "{bucket}", bucket, "{worker}", worker, "{named}", named,
		"{last}", asked[strings.LastIndex(asked, ":")+1:])
	for _, c := range triggerRefusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := do(t, s.handler, c.method, "/v1.0/"+project+fill.Replace(c.target), fill.Replace(c.body))
			got.wantRefusal(t, c.status, c.code, fill.Replace(c.part))
		})
	}
}

// The requests of the documents get answers of the documented shape.
func TestTriggerSamples(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	created := s.do("POST", triggers, `{
    "event_source": "SMN",
    "name": "smn-test-event",
    "description": "SMN test event",
    "trigger_def": "{\"Topic\":\"urn:smn:cn-north-1:9800716a0c604a8690963103a85754f0:pzwtopic\"}"
}`)
	created.wantShape(t, `{
    "trigger_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:trigger:SMN_pzwtopic_xxx38cb32a7-90bd-4e2f-7459-eabdf6ffce55_1505543466"
}`)
	for _, body := range []string{`{
    "event_source": "Worker",
    "name": "123WorkReq",
    "description": "event for WorkRequest",
    "trigger_def": "{\"type\":\"WorkRequest\"}"
}`, `{
    "event_source": "OBS",
    "description": "created by me",
    "name": "OBSEvt11",
    "trigger_def": "{\"BucketName\":\"obs-1123\",\"EventRule\":{\"Filter\":{\"S3Key\":{\"FilterRule\":[{\"Name\":\"prefix\",\"Value\":\"abc\"},{\"Name\":\"suffix\",\"Value\":\".jpg\"}]}},\"Event\":[\"s3:ObjectCreated:*\"]}}"
}`} {
		s.do("POST", triggers, body).text(t, "trigger_urn")
	}
	urn := created.text(t, "trigger_urn")
	shown := s.do("GET", triggers+"/"+urn, "")
	shown.wantShape(t, `{
    "event_source": "SMN",
    "name": "testevt1",
    "trigger_def": "{\"Topic\":\"urn:smn:cn-north-1:9800716a0c604a8690963103a85754f0:pzwtopic\"}",
    "id": "e527c73b-78e4-4479-685f-64a01d175c7f",
    "description": "I'm a SMN trigger",
    "trigger_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:trigger:SMN_pzwtopic_testevt1e527c73b-78e4-4479-685f-64a01d175c7f_1505805316",
    "created_at": "2017-09-19T07:15:16Z"
}`)
	if byID := s.do("GET", triggers+"/"+shown.text(t, "id"), ""); byID.body != shown.body {
		t.Errorf("got %s by UUID, want %s", byID.body, shown.body)
	}
	s.do("GET", triggers+"?name=smn&event_source=SMN", "").wantShape(t, `{
    "count": 1,
    "triggers": [
        {
            "event_source": "SMN",
            "name": "smn-test-event",
            "description": "SMN test event",
            "trigger_def": "{\"Topic\":\"urn:smn:china:3343q4n9u24:topic-URN\"}",
            "id": "7e026193-4c12-4879-783d-c4d74785f7ab",
            "trigger_urn": "urn:fgs:china:3343q4n9u24:trigger:SMN_topic-URN_smn-test-event7e026193-4c12-4879-783d-c4d74785f7ab_1496918999",
            "created_at": "2017-06-08T10:49:59Z"
        }
    ]
}`)
	s.do("PUT", triggers+"/"+urn, `{"description": "123abc"}`).want(t, 200, `{"response":"OK"}`)
	s.do("GET", triggers+"/"+urn, "").wantField(t, "description", "123abc")

	s.createGraph("extTriggerTestGraph", passGraph)
	bound := s.do("POST", mappings, fmt.Sprintf(`{
    "trigger_urn": %q,
    "graph_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:graph:extTriggerTestGraph",
    "enabled": true
}`, urn))
	id := bound.text(t, "response")
	if want := "extTriggerTestGraph:" + urn[strings.LastIndex(urn, ":")+1:]; id != want {
		t.Errorf("got the mapping %q, want %q", id, want)
	}
	const shape = `{
        "trigger_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:trigger:SMN_pzwtopic_smnevt52c820c8-f842-4dd6-5941-c4752e5887a8_1506657391",
        "graph_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:graph:EMF",
        "enabled": true,
        "id": "EMF:SMN_pzwtopic_smnevt52c820c8-f842-4dd6-5941-c4752e5887a8_1506657391",
        "created_at": 1513820002
}`
	s.do("GET", mappings, "").wantShape(t, `{"mappings": [`+shape+`]}`)
	s.do("GET", mappings+"/"+id, "").wantShape(t, shape)
	s.do("PUT", mappings+"/"+id, `{"enabled": false}`).want(t, 200, `{"response":"OK"}`)
	s.do("PUT", mappings+"/"+id, `{"enabled": false}`).want(t, 200, `{"response":"OK"}`)
	s.do("GET", mappings+"/"+id, "").wantField(t, "enabled", false)
	s.do("PUT", mappings+"/"+id, `{"enabled": true}`).want(t, 200, `{"response":"OK"}`)
	s.do("DELETE", mappings+"/"+id, "").want(t, 200, `{"response":"OK"}`)
	s.do("GET", mappings, "").want(t, 200, `{"mappings":[]}`)
	s.do("DELETE", triggers+"/"+urn, "").want(t, 200, `{"response":"OK"}`)
	s.do("GET", triggers, "").wantField(t, "count", 2.0)
}

// Without a name the UUID stands in the URN once, and is the name.
func TestATriggerWithoutAName(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	urn := s.do("POST", triggers, newTrigger("Worker", workerDef, "")).text(t, "trigger_urn")
	shown := s.do("GET", triggers+"/"+urn, "")
	id := shown.text(t, "id")
	shown.wantField(t, "name", id)
	if want := ":trigger:Worker_WorkRequest_" + id + "_"; !strings.Contains(urn, want) {
		t.Errorf("got %s, want %s in it", urn, want)
	}
	if _, there := shown.object(t)["description"]; there {
		t.Errorf("got %s, want no description", shown.body)
	}
}

// A list without a parameter has all triggers, one with any has a page.
func TestListsOfTriggers(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for i := range 12 {
		s.createTrigger("Worker", fmt.Sprintf("w-%d-", i), workerDef)
	}
	for query, want := range map[string]int{
		"": 12, "?unknown=1": 12, "?name=": 12, "?limit=3": 3, "?start=11": 2, "?start=13": 0, "?name=w-": 10, "?name=w-1": 3,
		"?name=W": 0, "?name=%00": 0, "?trigger_urn=Worker_WorkRequest_w-11-": 1, "?trigger_urn=!": 0, "?event_source=OBS": 0,
	} {
		got, _ := s.do("GET", triggers+query, "").object(t)["triggers"].([]any)
		if len(got) != want {
			t.Errorf("%q: got %d triggers, want %d", query, len(got), want)
		}
	}
}

// What can be deleted is deleted, although the rest of the batch cannot be.
func TestABatchDeletesWhatItCan(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	one, two := s.createTrigger("SMN", "one", smnDef), s.createTrigger("Worker", "two", workerDef)
	got := s.do("POST", triggers+"/batch_action", fmt.Sprintf(`{"action_type":"delete","urn_list":[%q,%q]}`, one, noTrigger))
	got.wantRefusal(t, 409, "FGS.4270", "1 of 2 are left: "+noTrigger)
	s.do("GET", triggers, "").wantField(t, "count", 1.0)
	s.do("POST", triggers+"/batch_action", fmt.Sprintf(`{"action_type":"delete","urn_list":[%q]}`, two)).want(t, 200, `{"response":"OK"}`)
	s.do("GET", triggers, "").want(t, 200, `{"count":0,"triggers":[]}`)
}
