package source

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudevents/sdk-go/v2/binding"
	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	protocol "github.com/cloudevents/sdk-go/v2/protocol/http"

	"heddle/internal/payload"
)

// TopicRule says that certain CloudEvents are messages of a topic.
type TopicRule struct {
	Source string // the event's source; one that ends in * stands for all that begin like it
	Type   string // its type, likewise
	Topic  string // the topic's name
}

// IsCloudEvent reports whether a request carries a CloudEvent: in its headers
// (binary mode) or as its body (structured mode).
func IsCloudEvent(h http.Header) bool {
	return h.Get("Ce-Specversion") != "" || strings.HasPrefix(h.Get("Content-Type"), "application/cloudevents")
}

// bucketLead stands before the name of a bucket in the source of an event.
const bucketLead = "arn:aws:s3:::"

// CloudEvent reads a CloudEvent 1.0 of a project. It is a message of a topic if
// its source is the topic's URN or a rule says so, and an event of a bucket if its
// source is arn:aws:s3:::{bucket}.
func CloudEvent(h http.Header, body, region, project string, rules []TopicRule, now time.Time) ([]Event, error) {
	if strings.HasPrefix(h.Get("Content-Type"), "application/cloudevents-batch") {
		return nil, fault(codeEvent, "batches of CloudEvents are not taken; send one at a time")
	}
	message := protocol.NewMessage(h, io.NopCloser(strings.NewReader(body)))
	e, err := binding.ToEvent(context.Background(), message)
	if err == nil {
		err = e.Validate()
	}
	if err != nil {
		return nil, fault(codeSyntax, "the CloudEvent cannot be read: %v", err)
	}
	if bucket, ok := strings.CutPrefix(e.Source(), bucketLead); ok {
		return objectFromCloudEvent(e, bucket)
	}
	n := Notification{
		Region: region, Project: project, Topic: topicOf(e, region, project, rules),
		Subject: e.Subject(), Message: dataText(e), MessageID: e.ID(), At: timeOf(e, now),
	}
	if n.Topic == "" {
		return nil, fault(codeSource, "no rule says what a CloudEvent of the source %q and the type %q is; the source may also be urn:smn:%s:%s:{topic} or %s{bucket}",
			e.Source(), e.Type(), region, project, bucketLead)
	}
	event, err := n.Event()
	if err != nil {
		return nil, err
	}
	event.ID += "/" + digest(e.Source()) // ids are unique within a source only
	return []Event{event}, nil
}

func topicOf(e *cloudevents.Event, region, project string, rules []TopicRule) string {
	if topic, ok := strings.CutPrefix(e.Source(), "urn:smn:"+region+":"+project+":"); ok {
		return topic
	}
	for _, r := range rules {
		if fits(r.Source, e.Source()) && fits(r.Type, e.Type()) {
			return r.Topic
		}
	}
	return ""
}

func fits(pattern, text string) bool {
	if lead, star := strings.CutSuffix(pattern, "*"); star {
		return strings.HasPrefix(text, lead)
	}
	return pattern == text
}

func timeOf(e *cloudevents.Event, now time.Time) time.Time {
	if e.Time().IsZero() {
		return now
	}
	return e.Time()
}

// dataText returns the data as the text of a message: as it came, or in base64 if
// it is no text.
func dataText(e *cloudevents.Event) string {
	if data := e.Data(); !utf8.Valid(data) {
		return base64.StdEncoding.EncodeToString(data)
	}
	return string(e.Data())
}

// objectFromCloudEvent reads an event of a bucket. Its data is the message of an
// S3 server, or it has none, and type and subject say what happened to which key.
func objectFromCloudEvent(e *cloudevents.Event, bucket string) ([]Event, error) {
	if o, err := payload.Parse(dataText(e), depthMax); err == nil && IsObjects(o) {
		return Objects(dataText(e))
	}
	name := e.Type()[strings.LastIndexByte(e.Type(), '.')+1:]
	if e.Subject() == "" {
		return nil, fault(codeEvent, "a CloudEvent of a bucket needs the object's key as its subject, or the message of an S3 server as its data")
	}
	record := fmt.Sprintf(`{"eventVersion":"2.0","eventSource":"aws:s3","eventTime":%s,"eventName":%s,"s3":{"bucket":{"name":%s},"object":{"key":%s,"sequencer":%s}}}`,
		payload.Quote(e.Time().UTC().Format("2006-01-02T15:04:05.000Z")), payload.Quote(name), payload.Quote(bucket),
		payload.Quote(url.QueryEscape(e.Subject())), payload.Quote(e.ID()))
	return Objects(`{"Records":[` + record + `]}`)
}
