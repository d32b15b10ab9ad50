package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// errNoWork says that a worker was told that there is no work.
var errNoWork = errors.New("there is no work")

// createTrigger stores a trigger and returns its URN.
func (s *server) createTrigger(source, definition string) (string, error) {
	a, err := s.call(http.MethodPost, base+"/cloud_triggers", map[string]string{"event_source": source, "trigger_def": definition}, nil)
	if err != nil {
		return "", err
	}
	var created struct {
		URN string `json:"trigger_urn"`
	}
	return created.URN, a.into(&created)
}

func (s *server) mustTrigger(t *testing.T, source, definition string) string {
	t.Helper()
	urn, err := s.createTrigger(source, definition)
	if err != nil {
		t.Fatal(err)
	}
	return urn
}

func topicDef(topic string) string {
	return fmt.Sprintf(`{"Topic":"urn:smn:%s:%s:%s"}`, region, project, topic)
}

// mustMap binds a trigger to a graph and enables that.
func (s *server) mustMap(t *testing.T, trigger, graph string) {
	t.Helper()
	a, err := s.call(http.MethodPost, base+"/trigger_graph_mappings", map[string]any{"trigger_urn": trigger, "graph_urn": graph, "enabled": true}, nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
}

// publish publishes a message to a topic; the same key, the same message.
func (s *server) publish(topic, message, key string) error {
	a, err := s.call(http.MethodPost, base+"/topics/"+topic+"/messages", map[string]string{"message": message}, http.Header{"Idempotency-Key": {key}})
	if err == nil && a.status != http.StatusOK {
		err = refusal{a}
	}
	return err
}

// object tells that something has become of an object in a bucket, as an S3
// server does.
func (s *server) object(event, bucket, key, sequencer string) (answer, error) {
	text := fmt.Sprintf(`{"Records":[{"eventVersion":"2.0","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05.678Z","eventName":%q,
		"s3":{"bucket":{"name":%q},"object":{"key":%q,"size":1,"sequencer":%q}}}]}`, event, bucket, key, sequencer)
	return s.request(http.MethodPost, base+"/events", []byte(text), nil)
}

// task is a piece of work that a worker has.
type task struct {
	Token string `json:"task_token"`
	Item  string `json:"work_item"`
}

// requestWork asks for work, and does not wait for it.
func (s *server) requestWork(trigger string) (task, error) {
	header := http.Header{"X-Fgs-Event-Type": {"workrequest"}, "X-Heddle-Wait-Seconds": {"0"}}
	a, err := s.call(http.MethodPost, base+"/worker_messages", map[string]string{"trigger_urn": trigger}, header)
	if err == nil && a.status == http.StatusNoContent {
		err = errNoWork
	}
	if err != nil {
		return task{}, err
	}
	var got task
	return got, a.into(&got)
}

// report sends what a worker has to say about its task.
func (s *server) report(kind, trigger string, about task, field, text string) error {
	body := map[string]string{"trigger_urn": trigger, "task_token": about.Token}
	if field != "" {
		body[field] = text
	}
	a, err := s.call(http.MethodPost, base+"/worker_messages", body, http.Header{"X-Fgs-Event-Type": {kind}})
	if err == nil && a.status != http.StatusNoContent {
		err = refusal{a}
	}
	return err
}

// TestLoanApproval is a use case of the language's ancestor: an application is
// scored; a good one is approved at once, and over any other a person decides,
// who keeps it for a while.
func TestLoanApproval(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.start()
	asked, beat := s.mustTrigger(t, "Worker", `{"type":"WorkRequest"}`), s.mustTrigger(t, "Worker", `{"type":"HeartBeat"}`)
	decided, declined := s.mustTrigger(t, "Worker", `{"type":"WorkSuccess"}`), s.mustTrigger(t, "Worker", `{"type":"WorkFailure"}`)
	graph, err := s.createGraph("loan-approval", `{"event-defs":{
		"asked":{"source":"`+asked+`"},"beat":{"source":"`+beat+`"},"decided":{"source":"`+decided+`"},"declined":{"source":"`+declined+`"}},
		"states":{
		"score":{"type":"OPERATION","start":true,"actions":[{"action-name":"score","function":"`+function("count")+`"}],"next-state":"good?"},
		"good?":{"type":"SWITCH","choices":[{"path":"$.n","operator":"GTEQ","value":700,"next-state":"approved"}],"default":"offer"},
		"offer":{"type":"EVENT","event-timeout":3600,"events":[{"event-expression":"asked","next-state":"deciding"}]},
		"deciding":{"type":"EVENT","event-timeout":60,"events":[
			{"event-expression":"beat","next-state":"deciding"},
			{"event-expression":"decided","next-state":"approved?"},
			{"event-expression":"declined","next-state":"rejected"}]},
		"approved?":{"type":"SWITCH","choices":[{"path":"$.approve","operator":"EQ","value":true,"next-state":"approved"}],"default":"rejected"},
		"approved":{"type":"NOOP","next-state":"end"},
		"rejected":{"type":"NOOP","next-state":"end"},
		"end":{"type":"END"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	good := s.mustStartOf(t, graph, `{"n":699}`)
	if x := s.awaitEnd(t, good); x.States["approved"].Status != "SUCCESS" || x.States["offer"].Status != "NOTRUNNING" {
		t.Errorf("a good one: %+v", x)
	}

	var doubtful []string
	for range 3 {
		urn := s.mustStartOf(t, graph, `{"n":500}`)
		eventually(t, "it is offered", func() bool {
			x, err := s.show(urn)
			return err == nil && x.States["offer"].Status == "RUNNING"
		})
		doubtful = append(doubtful, urn)
	}
	for i, urn := range doubtful {
		work, err := s.requestWork(asked)
		if err != nil || work.Token != urn || !strings.Contains(work.Item, `"n":501`) {
			t.Fatalf("the oldest offer: got %+v, %v, want %s", work, err, urn)
		}
		if err := s.report("heartbeat", beat, work, "", ""); err != nil {
			t.Fatal(err)
		}
		want := "rejected"
		switch i {
		case 0:
			want, err = "approved", s.report("worksuccess", decided, work, "result", `{"approve":true}`)
		case 1:
			err = s.report("worksuccess", decided, work, "result", `{"approve":false}`)
		case 2:
			err = s.report("workfailure", declined, work, "error", "no papers")
		}
		if err != nil {
			t.Fatal(err)
		}
		if x := s.awaitEnd(t, urn); x.Status != "SUCCESS" || x.States[want].Status != "SUCCESS" || x.States["deciding"].Status != "SUCCESS" {
			t.Errorf("the %d. one is not %s: %+v", i+1, want, x)
		}
	}
	if _, err := s.requestWork(asked); !errors.Is(err, errNoWork) {
		t.Errorf("then: got %v, want no work", err)
	}
}

// TestHomeMonitoring is another one: a camera stores a picture when something
// moves, and a door tells when it is opened. Only both together are worth an
// alarm, and the order in which they come is anybody's guess.
func TestHomeMonitoring(t *testing.T) {
	t.Parallel()
	functions := newLedger(t)
	s := newServer(t, functions)
	s.start()
	camera := s.mustTrigger(t, "OBS", `{"BucketName":"camera-1","EventRule":{"Event":["s3:ObjectCreated:*"],
		"Filter":{"S3Key":{"FilterRule":[{"Name":"suffix","Value":".jpg"}]}}}}`)
	door := s.mustTrigger(t, "SMN", topicDef("door"))
	graph, err := s.createGraph("home-monitoring", `{"event-defs":{
		"seen":{"source":"`+camera+`","payload-filter-request":"$.Records[0].s3.object.key"},
		"opened":{"source":"`+door+`","payload-filter-request":"$.records[0].smn.message"}},
		"states":{
		"arm":{"type":"DELAY","start":true,"time-delay":1,"next-state":"watch"},
		"watch":{"type":"EVENT","events":[{"event-expression":"seen and opened","input-mode":"BOTH","next-state":"end",
			"actions":[{"action-name":"alarm","function":"`+function("echo")+`"}]}]},
		"end":{"type":"END"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	houses := []string{s.mustStartOf(t, graph, `{"house":1}`), s.mustStartOf(t, graph, `{"house":2}`)}
	// Before they watch: the picture is kept. Neither a text nor a removal is one.
	for i, event := range []string{"ObjectCreated:Put/night.jpg", "ObjectCreated:Put/notes.txt", "ObjectRemoved:Delete/night.jpg", "ObjectCreated:Put/night.jpg"} {
		name, key, _ := strings.Cut(event, "/")
		if a, err := s.object(name, "camera-1", key, fmt.Sprint(min(i, 2)%2, key)); err != nil || a.status != http.StatusNoContent {
			t.Fatal(a, err)
		}
	}
	s.kill()
	s.start()
	for _, urn := range houses {
		eventually(t, "it watches", func() bool {
			x, err := s.show(urn)
			return err == nil && x.States["watch"].Status == "RUNNING"
		})
	}
	late := s.mustStartOf(t, graph, `{"house":3}`) // it has no picture
	if err := s.publish("door", "front", "once"); err != nil {
		t.Fatal(err)
	}
	for i, urn := range houses {
		x := s.awaitEnd(t, urn)
		var alarm struct { // what the function was given
			In struct {
				Input struct{ House int }
				Event struct{ Seen, Opened string }
			}
		}
		err := json.Unmarshal([]byte(x.Output), &alarm)
		if got := alarm.In; err != nil || x.Status != "SUCCESS" ||
			got.Input.House != i+1 || got.Event.Seen != "night.jpg" || got.Event.Opened != "front" {
			t.Errorf("house %d: got %s %s, %v", i+1, x.Status, x.Output, err)
		}
	}
	if x, err := s.show(late); err != nil || x.Status != "RUNNING" {
		t.Errorf("who has no picture: %+v, %v", x, err)
	}
}
