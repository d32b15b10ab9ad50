package source

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"heddle/internal/payload"
	"heddle/internal/trigger"
	"heddle/internal/urn"
)

// recordsMax bounds how many events one message brings. S3 servers send one.
const recordsMax = 100

// IsObjects reports whether a message has the form that S3 servers send.
func IsObjects(o *payload.Value) bool { return o.Member("Records") != nil }

// Objects reads a message of an S3 server, {"Records": [...]}: one event for each
// record. A record needs eventName, s3.bucket.name and s3.object.key; the rest
// reaches the graph as it came.
func Objects(message string) ([]Event, error) {
	o, err := object(message)
	if err != nil {
		return nil, err
	}
	list := o.Member("Records")
	switch {
	case list == nil || list.Kind() != payload.Array || len(list.Items()) == 0:
		return nil, fault(codeEvent, "Records must be an array with at least one record")
	case len(list.Items()) > recordsMax:
		return nil, fault(codeEvent, "Records has %d records, at most %d are taken", len(list.Items()), recordsMax)
	}
	var events []Event
	for i, record := range list.Items() {
		e, err := objectEvent(fmt.Sprintf("Records[%d]", i), record)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

func objectEvent(what string, record *payload.Value) (Event, error) {
	for _, kind := range []string{"s3", "s3.bucket", "s3.object"} {
		if part := descend(record, kind); part == nil || part.Kind() != payload.Object {
			return Event{}, fault(codeEvent, "%s has no object %s", what, kind)
		}
	}
	name, err := text(record, what, "eventName")
	if err != nil {
		return Event{}, err
	}
	bucket, err := text(descend(record, "s3.bucket"), what+".s3.bucket", "name")
	if err != nil {
		return Event{}, err
	}
	key, err := text(descend(record, "s3.object"), what+".s3.object", "key")
	if err != nil {
		return Event{}, err
	}
	// Some servers give the type its lead, and some do not.
	name = strings.TrimPrefix(name, "s3:")
	// Some servers count from 1 again whenever they start: only together with the
	// time is a sequencer one of its kind.
	occurrence := optional(descend(record, "s3.object"), "sequencer")
	if at := optional(record, "eventTime"); occurrence == "" || at == "" {
		occurrence = digest(record.Text())
	} else {
		occurrence += "/" + at
	}
	return Event{
		Event: trigger.Event{Source: urn.SourceOBS, Resource: bucket, Type: name, Key: decodeKey(key)},
		ID:    strings.Join([]string{urn.SourceOBS, bucket, name, occurrence, digest(key)}, "/"),
		Payload: func(uuid string) string {
			s3 := with(descend(record, "s3"), "configurationId", payload.Quote(uuid))
			return `{"Records":[` + with(record, "eventName", payload.Quote(name), "s3", s3) + `]}`
		},
	}, nil
}

// decodeKey undoes the URL-encoding of a key. Some servers send keys as they are:
// what no encoding would have left is taken to be one of those.
func decodeKey(key string) string {
	decoded, err := url.QueryUnescape(key)
	if err != nil || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf }) {
		return key
	}
	return decoded
}

// descend returns the member at a path of names, or nil.
func descend(o *payload.Value, path string) *payload.Value {
	for name := range strings.SplitSeq(path, ".") {
		if o == nil {
			return nil
		}
		o = o.Member(name)
	}
	return o
}

// with returns the text of an object, with some members set to other texts. They
// come in pairs.
func with(o *payload.Value, pairs ...string) string {
	var members []string
	set := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		set[pairs[i]] = pairs[i+1]
	}
	for _, m := range o.Members() {
		value, changed := set[m.Name]
		if !changed {
			value = m.Value.Text()
		}
		delete(set, m.Name)
		members = append(members, payload.Quote(m.Name)+":"+value)
	}
	for i := 0; i < len(pairs); i += 2 {
		if value, missing := set[pairs[i]]; missing {
			members = append(members, payload.Quote(pairs[i])+":"+value)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}
