package trigger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"heddle/internal/trigger"
)

const types = `"Event":["s3:ObjectCreated:*"]`

func obs(rule string) string { return `{"BucketName":"obs-1123","EventRule":{` + rule + `}}` }

func filter(rules string) string {
	return obs(types + `,"Filter":{"S3Key":{"FilterRule":` + rules + `}}`)
}

func bucket(name string) string {
	return fmt.Sprintf(`{"BucketName":%q,"EventRule":{%s}}`, name, types)
}

func events(list string) string { return obs(`"Event":` + list) }

func topic(urn string) string { return fmt.Sprintf(`{"Topic":%q}`, urn) }

func TestParse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1024)
	for _, c := range []struct{ source, text, want string }{ // want: the resource, or a code and a part of the message
		{"", `{}`, "FGS.4208 event_source is empty"},
		{strings.Repeat("S", 33), `{}`, "FGS.4209 event_source has more than 32"},
		{strings.Repeat("S", 32), `{}`, "FGS.4210 it must be OBS, SMN or Worker"},
		{"obs", `{}`, `FGS.4210 event_source is "obs"`},
		{"OBS", ``, "FGS.4212 trigger_def is empty"},
		{"OBS", `{`, "FGS.4004 trigger_def is not JSON"},
		{"OBS", `{"a":1,"a":2}`, "FGS.4004 trigger_def is not JSON"},
		{"OBS", `{}`, "FGS.4212 says nothing"},
		{"OBS", `null`, "FGS.4212 trigger_def is null"},
		{"OBS", `["s3"]`, "FGS.4212 trigger_def is array"},
		{"OBS", strings.Repeat("[", 17) + strings.Repeat("]", 17), "FGS.4004 trigger_def is not JSON"},

		{"OBS", obs(types), "obs-1123"},
		{"OBS", `{"EventRule":{` + types + `}}`, "FGS.4238 BucketName is missing"},
		{"OBS", `{"BucketName":1,"EventRule":{` + types + `}}`, "FGS.4212 BucketName is number"},
		{"OBS", `{"BucketName":"obs-1123"}`, "FGS.4238 EventRule is missing"},
		{"OBS", `{"BucketName":"obs-1123","EventRule":null}`, "FGS.4238 EventRule is missing"},
		{"OBS", obs(``), "FGS.4238 EventRule is missing"},
		{"OBS", `{"BucketName":"obs-1123","EventRule":[1]}`, "FGS.4212 EventRule is array"},

		{"OBS", bucket("testbucket1"), "testbucket1"},
		{"OBS", bucket("a.b.c"), "a.b.c"},
		{"OBS", bucket("1-a"), "1-a"},
		{"OBS", bucket("abc"), "abc"},
		{"OBS", bucket("ab"), "FGS.4213 3 to 63"},
		{"OBS", bucket(""), "FGS.4213 3 to 63"},
		{"OBS", bucket(strings.Repeat("a", 63)), strings.Repeat("a", 63)},
		{"OBS", bucket(strings.Repeat("a", 64)), "FGS.4214 has 64 characters"},
		{"OBS", bucket("Obs-1"), "FGS.4215 lower-case"},
		{"OBS", bucket("obs_cff"), "FGS.4215 lower-case"},
		{"OBS", bucket("桶桶桶"), "FGS.4215 lower-case"},
		{"OBS", bucket("-obs"), "FGS.4215 begins"},
		{"OBS", bucket(".obs"), "FGS.4215 begins"},
		{"OBS", bucket("obs."), "FGS.4215 end"},
		{"OBS", bucket("obs-"), "FGS.4215 end"},
		{"OBS", bucket("a..b"), "FGS.4215 beside"},
		{"OBS", bucket("a.-b"), "FGS.4215 beside"},
		{"OBS", bucket("a-.b"), "FGS.4215 beside"},
		{"OBS", bucket("a--b"), "a--b"},
		{"OBS", bucket("192.168.0.1"), "FGS.4215 IP address"},
		{"OBS", bucket("192.168.0.256"), "192.168.0.256"},
		{"OBS", bucket("192.168.0"), "192.168.0"},

		{"OBS", obs(`"Filter":{}`), "FGS.4220 Event is empty"},
		{"OBS", events(`[]`), "FGS.4220 Event is empty"},
		{"OBS", events(`null`), "FGS.4220 Event is empty"},
		{"OBS", events(`"s3:ObjectCreated:*"`), "FGS.4212 Event is string"},
		{"OBS", events(`["s3:ObjectCreated:*","s3:ObjectRemoved:*"]`), "obs-1123"},
		{"OBS", events(`["s3:ObjectCreated:Put","s3:ObjectCreated:Post","s3:ObjectCreated:Copy","s3:ObjectCreated:CompleteMultipartUpload","s3:ObjectRemoved:Delete","s3:ObjectRemoved:DeleteMarkerCreated"]`), "obs-1123"},
		{"OBS", events(`[1,2,3,4,5,6,7,8]`), "FGS.4222 Event[0] is 1"},
		{"OBS", events(`[1,2,3,4,5,6,7,8,9]`), "FGS.4221 Event has 9"},
		{"OBS", events(`["s3:ObjectCreated:*","ObjectRemoved:*"]`), `FGS.4222 Event[1] is "ObjectRemoved:*"; it must be s3:ObjectCreated:*`},
		{"OBS", events(`["s3:*"]`), "FGS.4222 Event[0]"},
		{"OBS", events(`["s3:ObjectCreated:Put","s3:ObjectCreated:Put"]`), "FGS.4234 Event[1] is s3:ObjectCreated:Put"},
		{"OBS", events(`["s3:ObjectCreated:Put","s3:ObjectCreated:*"]`), "FGS.4235 s3:ObjectCreated:Put beside s3:ObjectCreated:*"},
		{"OBS", events(`["s3:ObjectRemoved:*","s3:ObjectRemoved:Delete"]`), "FGS.4235 s3:ObjectRemoved:Delete beside s3:ObjectRemoved:*"},

		{"OBS", obs(types + `,"Filter":null`), "obs-1123"},
		{"OBS", obs(types + `,"Filter":{}`), "obs-1123"},
		{"OBS", obs(types + `,"Filter":[]`), "FGS.4212 Filter is array"},
		{"OBS", obs(types + `,"Filter":{"S3Key":1}`), "FGS.4212 S3Key is number"},
		{"OBS", filter(`{}`), "FGS.4212 FilterRule is object"},
		{"OBS", filter(`null`), "obs-1123"},
		{"OBS", filter(`[]`), "obs-1123"},
		{"OBS", filter(`[{"Name":"prefix","Value":"abc"},{"Name":"suffix","Value":".jpg"}]`), "obs-1123"},
		{"OBS", filter(`[{"Name":"prefixRule","Value":"abc"},{"Name":"suffixRule"}]`), "obs-1123"},
		{"OBS", filter(`[{"Name":"prefix"},{"Name":"suffix"},{"Name":"prefix"}]`), "FGS.4219 has 3 elements"},
		{"OBS", filter(`[{"Name":"Prefix"}]`), `FGS.4217 FilterRule[0] is {"Name":"Prefix"}`},
		{"OBS", filter(`[{"Value":"abc"}]`), "FGS.4217 prefix or suffix"},
		{"OBS", filter(`[null]`), "FGS.4217 FilterRule[0] is null"},
		{"OBS", filter(`[{"Name":"prefix"},{"Name":"prefixRule"}]`), "FGS.4218 two elements with the Name prefix"},
		{"OBS", filter(`[{"Name":"prefix","Value":1}]`), "FGS.4212 FilterRule[0].Value is number"},
		{"OBS", filter(`[{"Name":"prefix","Value":"` + long + `"}]`), "obs-1123"},
		{"OBS", filter(`[{"Name":"prefix","Value":"` + long + `"},{"Name":"suffix","Value":"a"}]`), "FGS.4236 have 1025 bytes"},

		{"SMN", topic("urn:smn:cn-north-1:9800716a0c604a8690963103a85754f0:pzwtopic"), "pzwtopic"},
		{"SMN", topic("urn:smn:local:p:" + strings.Repeat("t", 255)), strings.Repeat("t", 255)},
		{"SMN", topic("urn:smn:local:p:" + strings.Repeat("t", 256)), "FGS.4231 more than 255"},
		{"SMN", topic("urn:smn:local:p:graph-test_1"), "graph-test_1"},
		{"SMN", topic("urn:smn:local:p:-topic"), "FGS.4232 begins with a letter"},
		{"SMN", topic("urn:smn:local:p:"), "FGS.4232 the topic is named"},
		{"SMN", topic("urn:smn:local:p:主题"), "FGS.4232 the topic is named"},
		{"SMN", topic("topic_URN"), "FGS.4233 it must be urn:smn:"},
		{"SMN", topic("urn:smn:local::t"), "FGS.4233 it must be urn:smn:"},
		{"SMN", topic("urn:smn:local:p:t:1070c7dc83814b129d9e2711b7b75b2c"), "FGS.4233 it must be urn:smn:"},
		{"SMN", topic("urn:fgs:local:p:t"), "FGS.4233 it must be urn:smn:"},
		{"SMN", topic(""), "FGS.4227 Topic is missing"},
		{"SMN", `{"topic":"urn:smn:local:p:t"}`, "FGS.4227 Topic is missing"},
		{"SMN", `{"Topic":1}`, "FGS.4212 Topic is number"},

		{"Worker", `{"type":"WorkRequest"}`, "WorkRequest"},
		{"Worker", `{"type":"HeartBeat"}`, "HeartBeat"},
		{"Worker", `{"type":"WorkSuccess"}`, "WorkSuccess"},
		{"Worker", `{"type":"WorkFailure","note":"ignored"}`, "WorkFailure"},
		{"Worker", `{"type":""}`, "FGS.4223 type is missing"},
		{"Worker", `{"Type":"WorkRequest"}`, "FGS.4223 type is missing"},
		{"Worker", `{"type":["WorkRequest"]}`, "FGS.4212 type is array"},
		{"Worker", `{"type":" HeartBeat "}`, `FGS.4225 type is " HeartBeat "`},
		{"Worker", `{"type":"workrequest"}`, "FGS.4225 it must be WorkRequest, HeartBeat"},
		{"Worker", `{"type":"` + strings.Repeat("W", 32) + `"}`, "FGS.4225 it must be"},
		{"Worker", `{"type":"` + strings.Repeat("W", 33) + `"}`, "FGS.4224 more than 32"},
	} {
		d, err := trigger.Parse(c.source, c.text)
		code, message, refused := strings.Cut(c.want, " ")
		var f *trigger.Fault
		switch {
		case !refused && (err != nil || d.Source != c.source || d.Resource != c.want):
			t.Errorf("%s %s: got %+v and %v, want the resource %s", c.source, c.text, d, err, c.want)
		case refused && (!errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, message)):
			t.Errorf("%s %s: got %v, want %s", c.source, c.text, err, c.want)
		}
	}
}

func parse(t *testing.T, source, text string) trigger.Definition {
	t.Helper()
	d, err := trigger.Parse(source, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTopicOwner(t *testing.T) {
	t.Parallel()
	if d := parse(t, "SMN", topic("urn:smn:cn-north-1:p1:t")); d.Region != "cn-north-1" || d.Project != "p1" {
		t.Errorf("got %+v, want its region and project", d)
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	created := filter(`[{"Name":"prefix","Value":"abc/"},{"Name":"suffix","Value":".jpg"}]`)
	put := trigger.Event{Source: "OBS", Resource: "obs-1123", Type: "ObjectCreated:Put", Key: "abc/picture.jpg"}
	with := func(change func(e *trigger.Event)) trigger.Event {
		e := put
		change(&e)
		return e
	}
	smn := trigger.Event{Source: "SMN", Resource: "t"}
	for _, c := range []struct {
		source, text string
		event        trigger.Event
		want         bool
	}{
		{"OBS", created, put, true},
		{"OBS", created, with(func(e *trigger.Event) { e.Type = "ObjectCreated:Copy" }), true},
		{"OBS", created, with(func(e *trigger.Event) { e.Type = "ObjectRemoved:Delete" }), false},
		{"OBS", created, with(func(e *trigger.Event) { e.Type = "" }), false},
		{"OBS", created, with(func(e *trigger.Event) { e.Resource = "obs-1124" }), false},
		{"OBS", created, with(func(e *trigger.Event) { e.Key = "abd/picture.jpg" }), false},
		{"OBS", created, with(func(e *trigger.Event) { e.Key = "abc/picture.JPG" }), false},
		{"OBS", created, with(func(e *trigger.Event) { e.Key = "abc/.jpg" }), true},
		{"OBS", obs(types), with(func(e *trigger.Event) { e.Key = "" }), true},
		{"OBS", events(`["s3:ObjectCreated:Put"]`), put, true},
		{"OBS", events(`["s3:ObjectCreated:Post","s3:ObjectRemoved:*"]`), put, false},
		{"SMN", topic("urn:smn:local:p:t"), smn, true},
		{"SMN", topic("urn:smn:local:p:u"), smn, false},
		{"Worker", `{"type":"HeartBeat"}`, trigger.Event{Source: "Worker", Resource: "HeartBeat"}, true},
		{"Worker", `{"type":"HeartBeat"}`, trigger.Event{Source: "Worker", Resource: "WorkRequest"}, false},
	} {
		if got := parse(t, c.source, c.text).Matches(c.event); got != c.want {
			t.Errorf("%s and %+v: got %t, want %t", c.text, c.event, got, c.want)
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	keys := func(types, prefix, suffix string) string {
		return obs(fmt.Sprintf(`"Event":[%s],"Filter":{"S3Key":{"FilterRule":[{"Name":"prefix","Value":%q},{"Name":"suffix","Value":%q}]}}`, types, prefix, suffix))
	}
	const put, all, removed = `"s3:ObjectCreated:Put"`, `"s3:ObjectCreated:*"`, `"s3:ObjectRemoved:*"`
	for _, c := range []struct {
		one, other string
		want       bool
	}{
		{keys(put, "", ""), keys(put, "", ""), true},
		{keys(put, "", ""), keys(all, "abc", ".jpg"), true},
		{keys(all, "", ""), keys(removed, "", ""), false},
		{keys(put, "ab", ""), keys(put, "abc", ""), true},
		{keys(put, "abd", ""), keys(put, "abc", ""), false},
		{keys(put, "", ".jpg"), keys(put, "", "a.jpg"), true},
		{keys(put, "", ".jpg"), keys(put, "", ".png"), false},
		{keys(put, "a", ".jpg"), keys(put, "ab", ".png"), false},
		{bucket("one"), bucket("two"), false},
	} {
		one, other := parse(t, "OBS", c.one), parse(t, "OBS", c.other)
		if got, back := one.Conflicts(other), other.Conflicts(one); got != c.want || back != c.want {
			t.Errorf("%s and %s: got %t and %t, want %t", c.one, c.other, got, back, c.want)
		}
	}
	if smn := parse(t, "SMN", topic("urn:smn:local:p:t")); smn.Conflicts(smn) {
		t.Error("triggers of a topic conflict, want them side by side")
	}
}

// FuzzParse looks for definitions that make it panic, or that pass and still
// could not stand in a URN.
func FuzzParse(f *testing.F) {
	for _, text := range []string{obs(types), filter(`[{"Name":"prefix","Value":"abc"}]`), topic("urn:smn:local:p:t"), `{"type":"HeartBeat"}`} {
		for _, source := range []string{"OBS", "SMN", "Worker"} {
			f.Add(source, text)
		}
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		d, err := trigger.Parse(source, text)
		var fault *trigger.Fault
		switch {
		case err != nil && (!errors.As(err, &fault) || fault.Code == "" || fault.Message == ""):
			t.Errorf("got %v, want a fault with code and message", err)
		case err == nil && (d.Resource == "" || strings.ContainsAny(d.Resource, ":/ ")):
			t.Errorf("got the resource %q", d.Resource)
		}
	})
}
