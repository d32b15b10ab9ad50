package source_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"heddle/internal/source"
	"heddle/internal/trigger"
)

const uuid = "7e026193-4c12-4879-783d-c4d74785f7aa"

var moment = time.Date(2018, 1, 22, 7, 42, 47, 620_000_000, time.UTC)

// The record of the published documents.
const record = `{
      "eventVersion": "2.0",
      "eventSource": "aws:s3",
      "eventTime": "2018-01-22T07:42:47.620Z",
      "eventName": "ObjectCreated:Put",
      "s3": {
        "configurationId": "of-the-bucket",
        "bucket": {"name": "obs-1123"},
        "object": {"key": "abc/a+picture%21.jpg", "size": 12345678901234567890.10, "sequencer": "0000000016"}
      }
    }`

func records(list ...string) string { return `{"Records":[` + strings.Join(list, ",") + `]}` }

func wantJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := errors.Join(json.Unmarshal([]byte(got), &g), json.Unmarshal([]byte(want), &w)); err != nil || !reflect.DeepEqual(g, w) {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func wantFault(t *testing.T, err error, code, part string) {
	t.Helper()
	var f *source.Fault
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, part) {
		t.Errorf("got %v, want %s %s", err, code, part)
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	removed := strings.NewReplacer("ObjectCreated:Put", "s3:ObjectRemoved:Delete", `"configurationId": "of-the-bucket",`, "").Replace(record)
	events, err := source.Objects(records(record, removed))
	if err != nil || len(events) != 2 {
		t.Fatalf("got %d events and %v, want 2", len(events), err)
	}
	want := trigger.Event{Source: "OBS", Resource: "obs-1123", Type: "ObjectCreated:Put", Key: "abc/a picture!.jpg"}
	if events[0].Event != want {
		t.Errorf("got %+v, want %+v", events[0].Event, want)
	}
	if got := events[1].Type; got != "ObjectRemoved:Delete" {
		t.Errorf("got %q, want the type without its lead", got)
	}
	wantJSON(t, events[0].Payload(uuid), records(strings.Replace(record, "of-the-bucket", uuid, 1)))
	if got := events[0].Payload(uuid); !strings.Contains(got, `"size": 12345678901234567890.10`) {
		t.Errorf("got %s, want the numbers as they came", got)
	}
	if got := events[1].Payload(uuid); !strings.Contains(got, `"configurationId":"`+uuid+`"`) || !strings.Contains(got, `"eventName":"ObjectRemoved:Delete"`) {
		t.Errorf("got %s, want the trigger's id and the type without its lead", got)
	}
}

// An event that comes twice has one id; another event has another.
// Keys come URL-encoded, and from some servers as they are.
func TestObjectKeys(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"abc/a+picture%21.jpg": "abc/a picture!.jpg",
		"abc/a+b.jpg":          "abc/a b.jpg",
		"abc/a b+c.jpg":        "abc/a b+c.jpg",
		"abc/100%.jpg":         "abc/100%.jpg",
		"abc/\u00e4%21.jpg":    "abc/\u00e4%21.jpg",
		"abc/%C3%A4.jpg":       "abc/\u00e4.jpg",
	} {
		events, err := source.Objects(records(strings.Replace(record, "abc/a+picture%21.jpg", sent, 1)))
		if err != nil || len(events) != 1 || events[0].Key != want {
			t.Errorf("%q: got %v and %v, want %q", sent, events, err, want)
		}
	}
}

func TestObjectIDs(t *testing.T) {
	t.Parallel()
	id := func(record string) string {
		events, err := source.Objects(records(record))
		if err != nil {
			t.Fatal(err)
		}
		return events[0].ID
	}
	again := strings.Replace(record, `"size": 12345678901234567890.10,`, "", 1)
	if id(record) != id(again) {
		t.Errorf("got %s and %s, want one id for one sequencer", id(record), id(again))
	}
	unnumbered := strings.Replace(record, `, "sequencer": "0000000016"`, "", 1)
	if first, second := id(unnumbered), id(unnumbered); first != second {
		t.Errorf("got %s and %s, want one id for one record", first, second)
	}
	seen := map[string]bool{}
	for _, r := range []string{
		record, unnumbered,
		strings.Replace(record, "0000000016", "0000000017", 1),
		strings.Replace(record, "picture", "photo", 1),
		strings.Replace(record, "obs-1123", "obs-1124", 1),
		strings.Replace(record, "Created:Put", "Created:Post", 1),
		strings.Replace(record, "47.620", "47.621", 1), // a server that counts from 1 again
		strings.Replace(unnumbered, "47.620", "47.621", 1),
	} {
		if seen[id(r)] {
			t.Errorf("%s has the id of another event", r)
		}
		seen[id(r)] = true
	}
}

func TestObjectFaults(t *testing.T) {
	t.Parallel()
	without := func(part string) string { return records(strings.Replace(record, part, "", 1)) }
	for text, want := range map[string][2]string{
		`{`:                           {"FGS.5005", "not JSON"},
		`[]`:                          {"FGS.5006", "array"},
		`{}`:                          {"FGS.5006", "Records"},
		`{"Records":[]}`:              {"FGS.5006", "at least one"},
		`{"Records":{}}`:              {"FGS.5006", "an array"},
		records("null"):               {"FGS.5006", "Records[0] has no object s3"},
		records(record, `{"s3":{}}`):  {"FGS.5006", "Records[1] has no object s3.bucket"},
		without(`"name": "obs-1123"`): {"FGS.5006", "Records[0].s3.bucket has no name"},
		without(`"key": "abc/a+picture%21.jpg", `):             {"FGS.5006", "Records[0].s3.object has no key"},
		without(`"eventName": "ObjectCreated:Put",`):           {"FGS.5006", "Records[0] has no eventName"},
		records(strings.Replace(record, `"obs-1123"`, "1", 1)): {"FGS.5006", "name of Records[0].s3.bucket is number"},
		records(record + strings.Repeat(","+record, 100)):      {"FGS.5006", "101 records"},
	} {
		_, err := source.Objects(text)
		wantFault(t, err, want[0], want[1])
	}
}

func TestNotification(t *testing.T) {
	t.Parallel()
	n := source.Notification{
		Region: "southchina", Project: "p", Topic: "graph-test", Subject: `SMN "Test"`, Message: `{"a":1}`,
		MessageID: "c9d2071a7f104c72825f0275c6872ad7", At: time.Date(2017, 10, 21, 7, 13, 50, 1, time.UTC),
	}
	e, err := n.Event()
	if err != nil {
		t.Fatal(err)
	}
	if want := (trigger.Event{Source: "SMN", Resource: "graph-test"}); e.Event != want || e.ID != "SMN/graph-test/"+n.MessageID {
		t.Errorf("got %+v, want %+v", e, want)
	}
	wantJSON(t, e.Payload(uuid), `{"records":[{
      "event_version": "1.0",
      "smn": {
        "topic_urn": "urn:smn:southchina:p:graph-test",
        "type": "notification",
        "message": "{\"a\":1}",
        "timestamp": "2017-10-21T07:13:50Z",
        "subject": "SMN \"Test\"",
        "message_id": "c9d2071a7f104c72825f0275c6872ad7"
      },
      "event_source": "SMN",
      "event_subscription_urn": "urn:smn:southchina:p:graph-test:7e0261934c124879783dc4d74785f7aa"
    }]}`)
	for part, change := range map[string]func(*source.Notification){
		"named":         func(n *source.Notification) { n.Topic = "-x" },
		"262145 bytes":  func(n *source.Notification) { n.Message = strings.Repeat("x", 256<<10+1) },
		"no message_id": func(n *source.Notification) { n.MessageID = "" },
	} {
		broken := n
		change(&broken)
		_, err := broken.Event()
		wantFault(t, err, "FGS.5006", part)
	}
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	n, c, err := source.Delivered(`{"signature":"x","topic_urn":"urn:smn:local:p:t","message_id":"m","type":"Notification","subject":"s","message":"hi","timestamp":"2018-01-22T07:42:47Z"}`, moment)
	want := source.Notification{Region: "local", Project: "p", Topic: "t", Subject: "s", Message: "hi", MessageID: "m", At: moment.Truncate(time.Second)}
	if err != nil || c != nil || n == nil || *n != want {
		t.Errorf("got %+v, %+v and %v, want %+v", n, c, err, want)
	}
	n, c, err = source.Delivered(`{"topic_urn":"urn:smn:local:p:t","type":"SubscriptionConfirmation","subscribe_url":"https://smn.example/x"}`, moment)
	if err != nil || n != nil || c == nil || *c != (source.Confirmation{Topic: "urn:smn:local:p:t", URL: "https://smn.example/x"}) {
		t.Errorf("got %+v, %+v and %v, want the confirmation", n, c, err)
	}
	if n, c, err := source.Delivered(`{"topic_urn":"urn:smn:local:p:t","type":"UnsubscribeConfirmation"}`, moment); n != nil || c != nil || err != nil {
		t.Errorf("got %+v, %+v and %v, want nothing", n, c, err)
	}
	for text, want := range map[string][2]string{
		`x`:  {"FGS.5005", "not JSON"},
		`{}`: {"FGS.5006", "topic_urn"},
		`{"topic_urn":"urn:smn:t","type":"Notification"}`:                     {"FGS.5006", "{region}"},
		`{"topic_urn":"urn:smn:local:p:t","type":"notification"}`:             {"FGS.5006", `"notification"`},
		`{"topic_urn":"urn:smn:local:p:t","type":"Notification"}`:             {"FGS.5006", "message_id"},
		`{"topic_urn":"urn:smn:local:p:t","type":"SubscriptionConfirmation"}`: {"FGS.5006", "subscribe_url"},
	} {
		_, _, err := source.Delivered(text, moment)
		wantFault(t, err, want[0], want[1])
	}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func binary(source, kind, subject string) http.Header {
	return header("Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", source, "Ce-Type", kind, "Ce-Subject", subject,
		"Ce-Time", "2018-01-22T07:42:47.62Z", "Content-Type", "application/json")
}

var structured = header("Content-Type", "application/cloudevents+json; charset=utf-8")

func TestCloudEvents(t *testing.T) {
	t.Parallel()
	rules := []source.TopicRule{{Source: "https://git.example/*", Type: "push", Topic: "pushes"}, {Source: "/sensors", Type: "*", Topic: "sensors"}}
	for name, c := range map[string]struct {
		header http.Header
		body   string
		want   trigger.Event
		part   string // of the payload
	}{
		"a topic": {binary("urn:smn:local:p:orders", "anything", "s"), `{"n":1.10}`,
			trigger.Event{Source: "SMN", Resource: "orders"}, `"message":"{\"n\":1.10}","timestamp":"2018-01-22T07:42:47Z","subject":"s","message_id":"1"`},
		"structured": {structured, `{"specversion":"1.0","id":"7","source":"/sensors","type":"x.y","data":"warm"}`,
			trigger.Event{Source: "SMN", Resource: "sensors"}, `"message_id":"7"`},
		"by a rule":    {binary("https://git.example/heddle", "push", ""), `{}`, trigger.Event{Source: "SMN", Resource: "pushes"}, `"message":"{}"`},
		"not text":     {binary("/sensors", "x", ""), "\xff\xfe", trigger.Event{Source: "SMN", Resource: "sensors"}, `"message":"//4="`},
		"without data": {binary("/sensors", "x", ""), "", trigger.Event{Source: "SMN", Resource: "sensors"}, `"message":""`},
		"a bucket": {binary("arn:aws:s3:::obs-1123", "com.example.ObjectCreated:Put", "a b.jpg"), ``,
			trigger.Event{Source: "OBS", Resource: "obs-1123", Type: "ObjectCreated:Put", Key: "a b.jpg"}, `"key":"a+b.jpg","sequencer":"1"`},
		"a bucket's record": {binary("arn:aws:s3:::obs-1123", "x", ""), records(record),
			trigger.Event{Source: "OBS", Resource: "obs-1123", Type: "ObjectCreated:Put", Key: "abc/a picture!.jpg"}, `"sequencer": "0000000016"`},
	} {
		if !source.IsCloudEvent(c.header) {
			t.Errorf("%s: want it taken for a CloudEvent", name)
		}
		events, err := source.CloudEvent(c.header, c.body, "local", "p", rules, moment)
		if err != nil || len(events) != 1 {
			t.Errorf("%s: got %d events and %v", name, len(events), err)
			continue
		}
		if e := events[0]; e.Event != c.want || !strings.Contains(e.Payload(uuid), c.part) {
			t.Errorf("%s: got %+v and %s, want %+v and %s", name, e.Event, e.Payload(uuid), c.want, c.part)
		}
	}
	for name, c := range map[string]struct {
		header http.Header
		body   string
		want   [2]string
	}{
		"of no rule":        {binary("https://git.example/heddle", "pull", ""), `{}`, [2]string{"FGS.5004", `"pull"`}},
		"another project's": {binary("urn:smn:local:q:orders", "x", ""), `{}`, [2]string{"FGS.5004", "urn:smn:local:p:{topic}"}},
		"without a key":     {binary("arn:aws:s3:::obs-1123", "x", ""), `{}`, [2]string{"FGS.5006", "subject"}},
		"without an id":     {structured, `{"specversion":"1.0","source":"/sensors","type":"x"}`, [2]string{"FGS.5005", "id"}},
		"not JSON":          {structured, `x`, [2]string{"FGS.5005", "cannot be read"}},
		"version 0.3":       {structured, `{"specversion":"9.9","id":"1","source":"/sensors","type":"x"}`, [2]string{"FGS.5005", "cannot be read"}},
		"a batch":           {header("Content-Type", "application/cloudevents-batch+json"), `[]`, [2]string{"FGS.5006", "one at a time"}},
	} {
		_, err := source.CloudEvent(c.header, c.body, "local", "p", rules, moment)
		t.Log(name)
		wantFault(t, err, c.want[0], c.want[1])
	}
	if source.IsCloudEvent(header("Content-Type", "application/json")) {
		t.Error("want JSON alone not taken for a CloudEvent")
	}
}

// CloudEvents number their events within their source.
func TestCloudEventIDs(t *testing.T) {
	t.Parallel()
	rules := []source.TopicRule{{Source: "*", Type: "*", Topic: "all"}}
	id := func(from string) string {
		events, err := source.CloudEvent(binary(from, "x", ""), "{}", "local", "p", rules, moment)
		if err != nil {
			t.Fatal(err)
		}
		return events[0].ID
	}
	if first, again, other := id("/a"), id("/a"), id("/b"); first != again || first == other {
		t.Errorf("got %s, %s and %s, want the first two alike", first, again, other)
	}
}

// FuzzObjects looks for messages that panic, or whose payload is not JSON.
func FuzzObjects(f *testing.F) {
	f.Add(records(record))
	f.Fuzz(func(t *testing.T, message string) {
		events, err := source.Objects(message)
		if err != nil {
			return
		}
		for _, e := range events {
			if e.ID == "" || e.Resource == "" || !json.Valid([]byte(e.Payload(uuid))) {
				t.Errorf("got %+v and %s", e, e.Payload(uuid))
			}
		}
	})
}

// FuzzDelivered looks for messages that panic.
func FuzzDelivered(f *testing.F) {
	f.Add(`{"topic_urn":"urn:smn:local:p:t","message_id":"m","type":"Notification","message":"hi"}`)
	f.Fuzz(func(t *testing.T, message string) {
		n, _, err := source.Delivered(message, moment)
		if err != nil || n == nil {
			return
		}
		if e, err := n.Event(); err == nil && !json.Valid([]byte(e.Payload(uuid))) {
			t.Errorf("got %s", e.Payload(uuid))
		}
	})
}

// FuzzCloudEvent reads one in both modes: it becomes one event of the project at
// most, or those of a bucket's message, and always the same one.
func FuzzCloudEvent(f *testing.F) {
	f.Add(true, "1.0", "1", "urn:smn:local:p:orders", "x", "s", "2018-01-22T07:42:47Z", `{"n":1.10}`)
	f.Add(true, "1.0", "1", "arn:aws:s3:::obs-1123", "com.example.ObjectCreated:Put", "a b.jpg", "", "")
	f.Add(true, "0.3", "\x00", "/sensors", "x", "\xff", "yesterday", "\xff\xfe")
	f.Add(false, "", "", "", "", "", "", `{"specversion":"1.0","id":"7","source":"/sensors","type":"x.y","data":"warm","data_base64":"d2FybQ=="}`)
	f.Add(false, "", "", "", "", "", "", `{"specversion":"1.0","id":"7","source":"arn:aws:s3:::b","type":"x","subject":"k","time":"0000-00-00T00:00:00Z"}`)
	rules := []source.TopicRule{{Source: "/sensors", Type: "*", Topic: "sensors"}, {Source: "*", Type: "x", Topic: "not a topic"}}
	f.Fuzz(func(t *testing.T, inHeader bool, version, id, from, kind, subject, at, body string) {
		h := http.Header{"Content-Type": {"application/cloudevents+json"}}
		if inHeader {
			h = http.Header{
				"Content-Type": {"application/json"}, "Ce-Specversion": {version}, "Ce-Id": {id}, "Ce-Source": {from},
				"Ce-Type": {kind}, "Ce-Subject": {subject}, "Ce-Time": {at}, "Ce-Extension": {subject},
			}
		}
		events, err := source.CloudEvent(h, body, "local", "p", rules, moment)
		var fault *source.Fault
		if err != nil {
			if !errors.As(err, &fault) || fault.Code == "" || events != nil {
				t.Errorf("got %v and %v, want a fault", events, err)
			}
			return
		}
		again, err := source.CloudEvent(h, body, "local", "p", rules, moment)
		if err != nil || len(again) != len(events) {
			t.Fatalf("read again, there are %d events, %v", len(again), err)
		}
		for i, e := range events {
			if e.ID == "" || e.Resource == "" || e.ID != again[i].ID || !json.Valid([]byte(e.Payload(uuid))) {
				t.Errorf("got %+v and %s, and again %+v", e, e.Payload(uuid), again[i])
			}
			if e.Source == "SMN" && len(events) > 1 || e.Source == "SMN" && e.Resource == "not a topic" {
				t.Errorf("got %d events, one of them %+v", len(events), e)
			}
		}
	})
}
