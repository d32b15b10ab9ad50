package api_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
)

// The requests of the documents, sent as they stand, get answers of the
// documented shape. A shape is the answer with its values replaced by what
// kind of value they are, but for the words of the API.
func TestSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, nil)
		created := s.do("POST", graphs, `{
    "graph_name": "video-analysis",
    "description": "A Graph Demo for the test",
    "definition": "{\"states\":{\"helloWorldState\":{\"type\":\"NOOP\",\"next-state\":\"endState\",\"start\":true},\"endState\":{\"type\":\"END\"}}}"
}`)
		created.wantShape(t, `{
    "created_at": "2017-08-10T07:51:00.630Z",
    "graph_urn": "urn:fgs:cn-north-1:57f8fd63abc847ac8b52960d11185a15:graph:video-analysis"
}`)
		graph := graphs + "/" + created.text(t, "graph_urn")
		s.do("POST", graphs, `{"graph_name":"video-analysis2","definition":`+quoted(passGraph)+`}`).object(t)
		s.do("GET", graphs, "").wantShape(t, `{
    "count": 2,
    "graphs": [
        {
            "name": "video-analysis",
            "created_at": "2017-07-26T08:26:04.349Z",
            "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:video-analysis"
        },
        {
            "name": "video-analysis2",
            "created_at": "2017-07-26T08:27:48.646Z",
            "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:video-analysis2"
        }
    ]
}`)
		s.do("GET", graph, "").wantShape(t, `{
    "name": "video-analysis",
    "created_at": "2017-08-10T07:51:00.630Z",
    "definition": {"states":{"helloWorldState":{"type":"NOOP","next-state":"endState","start":true},"endState":{"type":"END"}}},
    "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:video-analysis",
    "description": "i am a graph"
}`)
		s.do("PUT", graph, `{
    "info": "{\"states\":{\"hello\":{\"type\":\"DELAY\",\"start\":true,\"time-delay\":8,\"next-state\":\"next1\"},\"next1\":{\"type\":\"NOOP\",\"next-state\":\"end1\"},\"end1\":{\"type\":\"END\"}}}",
    "info_type": "definition"
}`).wantShape(t, `{
    "last_modified": "2017-12-06T02:54:55.788Z",
    "graph_urn": "urn:fgs:cn-north-1:a41bf8df857c426b97865b2cc7ed8ce4:graph:graph_testdelay2s"
}`)
		started := s.do("POST", graph+"/executions/action", `{
    "action_type": "start",
    "executions": {
        "execution_name":"analysis-execution1",
        "input": "{\"k1\":\"123\"}"
    }
}`)
		const startShape = `{
    "execution_urn": "urn:fgs:cn-north-1:9800716a0c604a8690963103a85754f0:execution:workflow-8f84:analysis-execution1:ae0d3e648af440af5828696f16f0d1b4",
    "started_at": "2017-08-10T11:06:14.287Z"
}`
		started.wantShape(t, startShape)
		s.finish(graphs + "/executions/" + started.text(t, "execution_urn"))

		tested := s.do("POST", graph+"/executions/action", `{
    "executions": {
        "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
        "execution_name": "analysis-execution1"
    },
    "action_type": "test_start"
}`)
		tested.wantShape(t, startShape)
		urn := tested.text(t, "execution_urn")
		synctest.Wait()
		s.do("GET", graphs+"/executions/"+urn, "").wantShape(t, `{
    "execution_info": {
        "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
        "isTest": true,
        "graph_urn": "urn:fgs:southchina:7aad83af3e8d42e99ac194e8419e2c9b:graph:graph_delay",
        "execution_urn": "urn:fgs:southchina:7aad83af3e8d42e99ac194e8419e2c9b:execution:graph_delay:eventtimeout-test-op2:c50bc0d8f4454a3c98ddac468612e920",
        "execution_name": "eventtimeout-test-op2",
        "started_at": "2017-11-13T07:14:04.849Z",
        "state_map": {
            "next1": {
                "state_name": "next1",
                "status": "NOTRUNNING",
                "TYPE": "NOOP"
            },
            "end1": {
                "state_name": "end1",
                "status": "NOTRUNNING",
                "TYPE": "END"
            },
            "hello": {
                "state_name": "hello",
                "status": "RUNNING",
                "started_at": "2017-11-13T07:14:04.893Z",
                "TYPE": "DELAY",
                "input": "[{\"x\":123,\"y\":321},{\"x\":586}]"
            }
        },
        "start_state": "hello",
        "execution_state": "RUNNING"
    }
}`)
		s.do("POST", graph+"/executions/action", `{
    "action_type": "stop",
    "executions": {
        "execution_urn": "`+urn+`"
    }
}`).wantShape(t, `{
    "stopped_at": "2017-08-10T11:12:56.105Z"
}`)
		s.do("GET", graph+"/executions?execution_urn="+urn, "").wantShape(t, `{
    "count": 1,
    "executions": [
        {
            "graph_urn": "urn:fgs:cn-north-1:57f8fd63abc847ac8b52960d11185a15:graph:video-analysis",
            "execution_urn": "urn:fgs:cn-north-1:57f8fd63abc847ac8b52960d11185a15:execution:video-analysis:analysis-execution1:4d64afb839ad4eec9fed1be7d6a361be",
            "execution_name": "analysis-execution1",
            "started_at": "2017-08-10T11:06:14.268Z",
            "stopped_at": "2017-08-10T11:12:56.101Z",
            "execution_status": "ABORTED"
        }
    ]
}`)
		s.do("GET", graphs+"/executions/"+started.text(t, "execution_urn")+"/history", "").wantShape(t, `{
    "count": 8,
    "state_history": [
        {
            "type": "Execution End",
            "status": "SUCCESS",
            "output": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "stopped_at": "2017-11-13T07:16:05.106Z"
        },
        {
            "type": "State End",
            "status": "SUCCESS",
            "output": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "end1",
            "stopped_at": "2017-11-13T07:16:05.080Z"
        },
        {
            "type": "State Start",
            "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "end1",
            "started_at": "2017-11-13T07:16:05.047Z"
        },
        {
            "type": "State End",
            "status": "SUCCESS",
            "output": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "next1",
            "stopped_at": "2017-11-13T07:16:05.032Z"
        },
        {
            "type": "State Start",
            "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "next1",
            "started_at": "2017-11-13T07:16:04.931Z"
        },
        {
            "type": "State End",
            "status": "SUCCESS",
            "output": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "hello",
            "stopped_at": "2017-11-13T07:16:04.900Z"
        },
        {
            "type": "State Start",
            "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "state_name": "hello",
            "started_at": "2017-11-13T07:14:04.900Z"
        },
        {
            "type": "Execution Start",
            "input": "[{\"x\":123,\"y\":321},{\"x\":586}]",
            "execution_name": "eventtimeout-test-op2",
            "started_at": "2017-11-13T07:14:04.863Z"
        }
    ]
}`)
		s.do("GET", graphs+"/graph_detail/"+urn, "").wantShape(t, `{
    "name": "graph_testdelay7",
    "last_modified": "2017-12-12T07:48:38.381Z",
    "definition": {
        "states": {
            "hello": {"type": "DELAY", "start": true, "time-delay": 9, "next-state": "next1"},
            "next1": {"type": "NOOP", "next-state": "end1"},
            "end1": {"type": "END"}
        }
    },
    "graph_urn": "urn:fgs:cn-north-1:7aad83af3e8d42e99ac194e8419e2c9b:graph:graph_testdelay7"
}`)
		s.do("DELETE", graph, "").want(t, 204, "")
	})
}

// wantShape checks that a 200 has the shape of the sample.
func (a answer) wantShape(t testing.TB, sample string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(sample), &v); err != nil {
		t.Fatalf("the sample is not JSON: %v", err)
	}
	if got, want := shapeOf("", a.object(t)), shapeOf("", v); !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		t.Errorf("got %s\nwant %s", g, w)
	}
}

var moment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func shapeOf(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		shape := map[string]any{}
		for k, member := range v {
			shape[k] = shapeOf(k, member)
		}
		return shape
	case []any:
		shape := []any{}
		for _, item := range v {
			shape = append(shape, shapeOf(key, item))
		}
		return shape
	case string:
		switch {
		case moment.MatchString(v):
			return "a moment"
		case strings.HasPrefix(v, "urn:"):
			fields := strings.Split(v, ":")
			return fields[1] + " " + fields[4]
		case key == "type" || key == "TYPE" || strings.HasSuffix(key, "status") || strings.HasSuffix(key, "state"):
			return v
		}
		return "a string"
	case float64:
		return "a number"
	case bool:
		return v
	}
	return v
}
