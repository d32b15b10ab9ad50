package source

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"heddle/internal/payload"
	"heddle/internal/trigger"
	"heddle/internal/urn"
)

// messageMax bounds the text of a notification, in bytes: that of the published
// topics is bounded so.
const messageMax = 256 << 10

// Notification is a message that was published to a topic.
type Notification struct {
	Region, Project string
	Topic           string // its name
	Subject         string
	Message         string
	MessageID       string // unique in the topic
	At              time.Time
}

// topicURN names the topic.
func (n Notification) topicURN() string {
	return fmt.Sprintf("urn:smn:%s:%s:%s", n.Region, n.Project, n.Topic)
}

// Event returns the event that the notification is.
func (n Notification) Event() (Event, error) {
	var malformed *trigger.Fault
	switch {
	case errors.As(trigger.CheckTopic(n.Topic), &malformed):
		return Event{}, fault(codeEvent, "%s", malformed.Message)
	case len(n.Message) > messageMax:
		return Event{}, fault(codeEvent, "message has %d bytes, at most %d are taken", len(n.Message), messageMax)
	case n.MessageID == "":
		return Event{}, fault(codeEvent, "the notification has no message_id")
	}
	return Event{
		Event: trigger.Event{Source: urn.SourceSMN, Resource: n.Topic},
		ID:    strings.Join([]string{urn.SourceSMN, n.Topic, n.MessageID}, "/"),
		Payload: func(uuid string) string {
			return fmt.Sprintf(`{"records":[{"event_version":"1.0","smn":{"topic_urn":%s,"type":"notification","message":%s,"timestamp":%s,"subject":%s,"message_id":%s},`+
				`"event_source":"SMN","event_subscription_urn":%s}]}`,
				payload.Quote(n.topicURN()), payload.Quote(n.Message), payload.Quote(n.At.UTC().Format("2006-01-02T15:04:05Z")),
				payload.Quote(n.Subject), payload.Quote(n.MessageID),
				payload.Quote(n.topicURN()+":"+strings.ReplaceAll(uuid, "-", "")))
		},
	}, nil
}

// Confirmation asks whether a subscription is wanted: whoever fetches the URL
// says yes.
type Confirmation struct {
	Topic string // URN
	URL   string
}

// IsNotification reports whether a message has the form that topic services send.
func IsNotification(o *payload.Value) bool { return o.Member("topic_urn") != nil }

// Delivered reads what a topic service sends to an HTTP subscription: a
// notification, the question whether the subscription is wanted, or the word that
// it has ended. Of the three results at most one is there.
func Delivered(message string, now time.Time) (*Notification, *Confirmation, error) {
	o, err := object(message)
	if err != nil {
		return nil, nil, err
	}
	topic, err := text(o, "the message", "topic_urn")
	if err != nil {
		return nil, nil, err
	}
	fields := strings.Split(topic, ":")
	if len(fields) != 5 || fields[0] != "urn" || fields[1] != "smn" {
		return nil, nil, fault(codeEvent, "topic_urn is %q; it must be urn:smn:{region}:{project}:{topic}", topic)
	}
	switch kind := optional(o, "type"); kind {
	case "Notification":
		id, err := text(o, "the message", "message_id")
		if err != nil {
			return nil, nil, err
		}
		at, err := time.Parse(time.RFC3339, optional(o, "timestamp"))
		if err != nil {
			at = now
		}
		return &Notification{
			Region: fields[2], Project: fields[3], Topic: fields[4],
			Subject: optional(o, "subject"), Message: optional(o, "message"), MessageID: id, At: at,
		}, nil, nil
	case "SubscriptionConfirmation":
		link, err := text(o, "the message", "subscribe_url")
		if err != nil {
			return nil, nil, err
		}
		return nil, &Confirmation{Topic: topic, URL: link}, nil
	case "UnsubscribeConfirmation":
		return nil, nil, nil
	default:
		return nil, nil, fault(codeEvent, "type is %q; it must be Notification, SubscriptionConfirmation or UnsubscribeConfirmation", kind)
	}
}

// MessageID makes the id of a message from another one, of any form: 32
// hexadecimal digits, the same each time.
func MessageID(id string) string { return digest(id)[:32] }
