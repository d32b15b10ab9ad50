package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"heddle/internal/config"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	got, err := load(t, `
# The functions of the shop.
functions:
  - urn: urn:fss:local:shop:function:default:price
    url: http://127.0.0.1:9000/price?x=${NOT_A_REFERENCE_HERE}
  - urn: urn:fss:local:shop:function:default:charge:v2
    url: https://pay.example/charge
    calls-in-flight: 8
    headers:
      Authorization: Bearer ${PAY_TOKEN}
      X-Two: ${A}-${B}${A}
      X-Plain: $A {A} $${
      X-Number: 7
  - {}
`, []string{"PAY_TOKEN=s3cret", "A=${B}", "B=b"})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Function{
		{URN: "urn:fss:local:shop:function:default:price", URL: "http://127.0.0.1:9000/price?x=${NOT_A_REFERENCE_HERE}"},
		{
			URN: "urn:fss:local:shop:function:default:charge:v2",
			URL: "https://pay.example/charge",

			CallsMax: 8,
			Headers: map[string]string{
				"Authorization": "Bearer s3cret",
				"X-Two":         "${B}-b${B}",
				"X-Plain":       "$A {A} $${",
				"X-Number":      "7",
			},
		},
		{},
	}
	if !reflect.DeepEqual(got.Functions, want) {
		t.Errorf("functions\n%+v, want\n%+v", got.Functions, want)
	}
}

func TestEventSources(t *testing.T) {
	t.Parallel()
	got, err := load(t, `
event-sources:
  - project: shop
    secret: ${SHOP_SECRET}
    topics:
      - {source: https://git.example/*, type: push, topic: pushes}
      - {source: "*", type: "*", topic: rest}
  - project: lab
`, []string{"SHOP_SECRET=s3cret-s3cret-s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.EventSource{
		{Project: "shop", Secret: "s3cret-s3cret-s3cret", Topics: []config.Topic{{"https://git.example/*", "push", "pushes"}, {"*", "*", "rest"}}},
		{Project: "lab"},
	}
	if !reflect.DeepEqual(got.EventSources, want) {
		t.Errorf("event sources\n%+v, want\n%+v", got.EventSources, want)
	}
	for text, want := range map[string]string{
		"event-sources: {}":                                        "event-sources must be a list",
		"event-sources: [{secret: x}]":                             "project is missing",
		"event-sources: [{project: a}, {project: a}]":              `the project "a" has an entry already`,
		"event-sources: [{project: a, secret: \"${NOT_SET}\"}]":    `"NOT_SET" is not set`,
		"event-sources: [{project: a, secret: a-guess}]":           "at least 16 characters",
		"event-sources: [{project: a, topic: x}]":                  `unknown key "topic"; did you mean "topics"?`,
		"event-sources: [{project: a, topics: {}}]":                "topics must be a list",
		"event-sources: [{project: a, topics: [{source: \"*\"}]}]": "source, type and topic must all be there",
		"nats-url: nats://h\nnats-subject: a..b":                   `nats-subject: "a..b" must be`,
		"nats-url: nats://h\nnats-stream: a.b":                     `nats-stream: "a.b" must be`,
	} {
		if _, err := load(t, text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestNothingInTheFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\n", "# nothing\n", "---\n", "{}\n", "functions:\n", "functions: []\n"} {
		got, err := load(t, text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		want := config.Default()
		want.File = got.File
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n%+v, want\n%+v", text, got, want)
		}
	}
}

func TestFileProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"not YAML":               {"a: [", "heddle.yaml: yaml: "},
		"not a mapping":          {"- listen\n", "heddle.yaml:1: a mapping of keys"},
		"unknown key":            {"region: a\nlisten-on: x\n", `heddle.yaml:2: unknown key "listen-on"`},
		"near a setting":         {"data_dir: x\n", `unknown key "data_dir"; did you mean "data-dir"?`},
		"near functions":         {"function: []\n", `unknown key "function"; did you mean "functions"?`},
		"far from all":           {"colour: red\n", `unknown key "colour"` + "\n"},
		"path in its own file":   {"config: x\n", `unknown key "config"`},
		"key twice":              {"region: a\nregion: b\n", `heddle.yaml:2: the key "region" stands twice`},
		"list for a value":       {"region: [a]\n", "heddle.yaml:1: a single value"},
		"not a number":           {"\nlimit-pending-starts: many\n", `heddle.yaml:2: limit-pending-starts: "many" must be a whole number`},
		"half a number":          {"limit-pending-starts: 1.5\n", `"1.5" must be a whole number`},
		"too great a number":     {"limit-pending-starts: 99999999999999999999\n", "must be a whole number"},
		"no unit":                {"lease-duration: 10\n", `"10" must be a duration with its unit`},
		"not true or false":      {"accept-data-loss: maybe\n", `"maybe" must be true or false`},
		"no such level":          {"log-level: loud\n", `"loud" must be debug, info, warn or error`},
		"functions not a list":   {"functions: {}\n", "heddle.yaml:1: functions must be a list"},
		"function not a mapping": {"functions:\n  - urn:fss:x\n", "heddle.yaml:2: a mapping"},
		"function key":           {"functions:\n  - uri: x\n", `heddle.yaml:2: unknown key "uri"; did you mean "urn"?`},
		"no calls in flight":     {"functions:\n  - calls-in-flight: 0\n", `heddle.yaml:2: "0" must be a whole number from 1 to 65536`},
		"calls not a number":     {"functions:\n  - calls-in-flight: few\n", `"few" must be a whole number from 1 to 65536`},
		"headers not a mapping":  {"functions:\n  - headers: x\n", "heddle.yaml:2: a mapping"},
		"header a list":          {"functions:\n  - headers: {a: [b]}\n", "heddle.yaml:2: a single value"},
		"header twice":           {"functions:\n  - headers:\n      a: b\n      a: c\n", `heddle.yaml:4: the key "a" stands twice`},
		"missing variable":       {"functions:\n  - headers:\n      a: x${TOKEN}\n", `heddle.yaml:3: the environment variable "TOKEN" is not set`},
		"empty variable":         {"functions:\n  - headers:\n      a: ${EMPTY}\n", `the environment variable "EMPTY" is not set`},
		"no variable":            {"functions:\n  - headers:\n      a: ${}\n", `the environment variable "" is not set`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.text, []string{"EMPTY=", "OTHER=s3cret"})
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error()+"\n", c.want) {
				t.Errorf("error\n%v\nwant one with\n%s", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("one fault is reported more than once:\n%v", err)
			}
		})
	}
}

// FuzzLoad reads any file: it is right, or all that is wrong is said without what
// stands in the environment; and what is right is so for those who ask later.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"# nothing", "listen: 127.0.0.1:8480\nfunction-networks: 10.0.0.0/8, all\ntrusted-proxies: none",
		"functions:\n  - urn: urn:fss:local:p:function:default:f\n    url: http://a/\n    headers: {Authorization: Bearer ${SECRET}}\n    calls-in-flight: 8",
		"event-sources:\n  - project: p\n    secret: ${LONG_SECRET}\n    topics:\n      - {source: a, type: b, topic: c}", "event-sources: [{project: p, secret: \"${SECRET}\"}, {project: p}]",
		"limit-open-executions: ${SECRET}\nretention: -1h", "store: postgres://user:${SECRET}@h/d", "a: &x [*x]\n<<: *x", "- ~", "listn: x\nlisten: x\nlisten: y", "\xff", "? {}\n: {}",
	} {
		f.Add(text)
	}
	const secret = "marker" // the other one is long enough for an event source
	path := filepath.Join(f.TempDir(), "heddle.yaml")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, secret) {
			return
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := load(t, "", []string{"SECRET=" + secret, "LONG_SECRET=" + secret + "-of-the-environment"}, "--config", path)
		if err != nil {
			if said := err.Error(); said == "" || strings.Contains(said, secret) {
				t.Errorf("%q is refused with %q", text, said)
			}
			return
		}
		_, errNetworks := c.Networks()
		if _, errProxies := c.Proxies(); errNetworks != nil || errProxies != nil {
			t.Errorf("%q is right, and then %v, %v", text, errNetworks, errProxies)
		}
	})
}
