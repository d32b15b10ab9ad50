package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"heddle/internal/api"
	"heddle/internal/source"
)

const (
	eventsPath = "/v1.0/" + project + "/events"
	topicPath  = "/v1.0/" + project + "/topics/pzwtopic/messages"

	s3Record = `{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"obs-1123"},"object":{"key":"abc/1.jpg","sequencer":"1"}}}]}`
)

// withSources is a service to which event sources bring events.
func withSources(t *testing.T, from api.EventSource) *service {
	t.Helper()
	s := newService(t, nil)
	cfg := config
	cfg.EventSources = map[string]api.EventSource{project: from}
	cfg.Confirm = func(_ context.Context, url string) error {
		if url != "https://smn.example/confirm" {
			return errors.New("no such host")
		}
		return nil
	}
	s.handler = s.again(cfg)
	return s
}

// started counts the executions that events have started of a graph.
func (s *service) started(graph string) any {
	s.t.Helper()
	synctest.Wait()
	return s.do("GET", graph+"/executions", "").object(s.t)["count"]
}

// mapped makes a graph that a trigger starts.
func (s *service) mapped(name, source, definition string) (graph string) {
	s.t.Helper()
	graph = s.createGraph(name, passGraph)
	trigger := s.createTrigger(source, name, definition)
	s.do("POST", mappings, `{"trigger_urn":`+quoted(trigger)+`,"graph_urn":"`+graphURN+name+`","enabled":true}`).object(s.t)
	return graph
}

// Each form of event starts what its trigger is mapped to, once.
func TestEventsOfSources(t *testing.T) {
	t.Parallel()
	const cloudEvents = "Content-Type: application/cloudevents+json"
	for name, c := range map[string]struct {
		source, definition, path, body string
		header                         []string
		status                         int
		input                          string // a part of it
	}{
		"S3": {"OBS", obsDef, eventsPath, s3Record, nil, 204, `"key":"abc/1.jpg"`},
		"a topic service": {"SMN", smnDef, eventsPath, `{"topic_urn":"urn:smn:` + region + `:` + project + `:pzwtopic","type":"Notification","message_id":"m1","message":"hi"}`,
			nil, 204, `"message":"hi"`},
		"a CloudEvent": {"SMN", smnDef, eventsPath, `{"specversion":"1.0","id":"1","source":"https://git.example/heddle","type":"push","data":{"n":1.10}}`,
			[]string{cloudEvents}, 204, `"message":"{\"n\":1.10}"`},
		"published": {"SMN", smnDef, topicPath, `{"subject":"s","message":"hi"}`, []string{"Idempotency-Key: k1"}, 200, `"subject":"s"`},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := withSources(t, api.EventSource{Topics: []source.TopicRule{{Source: "https://git.example/*", Type: "push", Topic: "pzwtopic"}}})
			graph := s.mapped("g", c.source, c.definition)
			for range 2 {
				if got := s.do("POST", c.path, c.body, c.header...); got.status != c.status {
					t.Fatalf("%s: got %d %s, want %d", name, got.status, got.body, c.status)
				}
			}
			if got := s.started(graph); got != 1.0 {
				t.Errorf("%s: got %v executions, want 1", name, got)
			}
			run := s.do("GET", graph+"/executions", "").object(t)["executions"].([]any)[0].(map[string]any)["execution_urn"].(string)
			info := s.do("GET", graphs+"/executions/"+run, "").object(t)["execution_info"].(map[string]any)
			if input := info["input"].(string); !strings.Contains(input, c.input) {
				t.Errorf("%s: got the input %s, want %s in it", name, input, c.input)
			}
		})
	}
}

// Messages without a key are different messages, however alike.
func TestMessagesWithoutAKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withSources(t, api.EventSource{})
		graph := s.mapped("g", "SMN", smnDef)
		first := s.do("POST", topicPath, `{"message":"hi"}`).text(t, "message_id")
		second := s.do("POST", topicPath, `{"message":"hi"}`).text(t, "message_id")
		if first == second || len(first) != 32 {
			t.Errorf("got the ids %s and %s, want two of 32 digits", first, second)
		}
		if got := s.started(graph); got != 2.0 {
			t.Errorf("got %v executions, want 2", got)
		}
	})
}

// A sequence of an unwanted and a wanted confirmation, and the end of a
// subscription.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withSources(t, api.EventSource{})
		body := func(kind, url string) string {
			return `{"topic_urn":"urn:smn:` + region + `:` + project + `:pzwtopic","type":"` + kind + `","subscribe_url":"` + url + `"}`
		}
		s.do("POST", eventsPath, body("SubscriptionConfirmation", "https://smn.example/confirm")).want(t, 204, "")
		s.do("POST", eventsPath, body("SubscriptionConfirmation", "https://smn.example/other")).wantRefusal(t, 400, "FGS.5006", "cannot be confirmed")
		s.do("POST", eventsPath, body("UnsubscribeConfirmation", "")).want(t, 204, "")
	})
}

func TestEventSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withSources(t, api.EventSource{Secret: "s3cret"})
		for _, path := range []string{eventsPath, topicPath} {
			body, done := s3Record, 204
			if path == topicPath {
				body, done = `{"message":"hi"}`, 200
			}
			s.do("POST", path, body).wantRefusal(t, 401, "FGS.0011", "X-Heddle-Event-Secret")
			for _, header := range []string{"X-Heddle-Event-Secret: S3cret", "Authorization: Bearer s3cre", "Authorization: Bearer s3cret1"} {
				s.do("POST", path, body, header).wantRefusal(t, 401, "FGS.0002", "")
			}
			s.do("POST", path+"?secret=x", body).wantRefusal(t, 401, "FGS.0002", "")
			for _, header := range []string{"X-Heddle-Event-Secret: s3cret", "Authorization: Bearer s3cret"} {
				if got := s.do("POST", path, body, header); got.status != done {
					t.Errorf("%s: got %d %s, want %d", header, got.status, got.body, done)
				}
			}
			if got := s.do("POST", path+"?secret=s3cret", body); got.status != done {
				t.Errorf("got %d %s, want %d", got.status, got.body, done)
			}
		}
	})
}

var sourceRefusals = []refusal{
	{"no event", "POST", "/events", "", "", 400, "FGS.0008", "an event"},
	{"event that is not JSON", "POST", "/events", "x", "", 400, "FGS.5005", "not JSON"},
	{"event of no form", "POST", "/events", `{"x":1}`, "", 400, "FGS.5004", "Records"},
	{"event without a bucket", "POST", "/events", `{"Records":[{"eventName":"x","s3":{"bucket":{},"object":{"key":"k"}}}]}`, "", 400, "FGS.5006", "Records[0].s3.bucket has no name"},
	{"event of another project's topic", "POST", "/events", `{"topic_urn":"urn:smn:` + region + `:p:t","type":"Notification","message_id":"1"}`, "", 400, "FGS.0010", "another project"},
	{"CloudEvent of no rule", "POST", "/events", `{"specversion":"1.0","id":"1","source":"/x","type":"y"}`, "Content-Type: application/cloudevents+json", 400, "FGS.5004", `"/x"`},
	{"no message", "POST", "/topics/t/messages", `{"subject":"x"}`, "", 400, "FGS.0005", "message is missing"},
	{"message of another type", "POST", "/topics/t/messages", `{"message":{}}`, "", 400, "FGS.0005", "a string"},
	{"subject of another type", "POST", "/topics/t/messages", `{"message":"x","subject":1}`, "", 400, "FGS.0005", "a string"},
	{"subject of 513", "POST", "/topics/t/messages", `{"message":"x","subject":"` + strings.Repeat("s", 513) + `"}`, "", 400, "FGS.0005", "513"},
	{"message that is too long", "POST", "/topics/t/messages", `{"message":"` + strings.Repeat("x", 256<<10+1) + `"}`, "", 400, "FGS.5006", "262145"},
	{"topic with a dot", "POST", "/topics/a.b/messages", `{"message":"x"}`, "", 400, "FGS.5006", `"a.b"`},
	{"key with a blank", "POST", "/topics/t/messages", `{"message":"x"}`, "Idempotency-Key: a b", 400, "FGS.0005", "Idempotency-Key"},
	{"looking at events", "GET", "/events", "", "", 405, "FGS.0012", "POST"},
}

func TestSourceRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t, nil)
	for _, c := range sourceRefusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			if c.header != "" {
				header = []string{c.header}
			}
			do(t, s.handler, c.method, "/v1.0/"+project+c.target, c.body, header...).wantRefusal(t, c.status, c.code, c.part)
		})
	}
}
