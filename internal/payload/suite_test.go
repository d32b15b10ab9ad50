package payload_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"heddle/internal/payload"
)

// TestSuite runs the public compliance test suite of JSONPath, cts.json, from
// the file that the environment variable JSONPATH_SUITE names. The suite is
// not part of this repository; without the variable the test is skipped.
func TestSuite(t *testing.T) {
	t.Parallel()
	name := os.Getenv("JSONPATH_SUITE")
	if name == "" {
		t.Skip("JSONPATH_SUITE names no file")
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests []suiteCase `json:"tests"`
	}
	if err := json.Unmarshal(content, &suite); err != nil {
		t.Fatal(err)
	}
	valid, invalid := 0, 0
	for _, c := range suite.Tests {
		t.Run(c.Name, c.run)
		if c.Invalid {
			invalid++
		} else {
			valid++
		}
	}
	t.Logf("%d valid and %d invalid queries", valid, invalid)
}

type suiteCase struct {
	Name     string            `json:"name"`
	Selector string            `json:"selector"`
	Invalid  bool              `json:"invalid_selector"`
	Document json.RawMessage   `json:"document"`
	Result   json.RawMessage   `json:"result"`
	Results  []json.RawMessage `json:"results"` // any of them will do
}

func (c suiteCase) run(t *testing.T) {
	path, err := payload.Compile(c.Selector)
	if c.Invalid {
		if err == nil {
			t.Errorf("Compile(%q) = nil error, want a refusal", c.Selector)
		}
		return
	}
	if err != nil {
		t.Fatalf("Compile(%q): %v", c.Selector, err)
	}
	document, err := payload.Parse(string(c.Document), 100)
	if err != nil {
		t.Fatalf("Parse(%s): %v", c.Document, err)
	}
	nodes, err := path.Select(document)
	if err != nil {
		t.Fatalf("Select(%q): %v", c.Selector, err)
	}
	got := "[" + strings.Join(texts(nodes), ",") + "]"
	for _, want := range append(c.Results, c.Result) {
		if want != nil && reflect.DeepEqual(decoded(t, []byte(got)), decoded(t, want)) {
			return
		}
	}
	t.Errorf("%s on %s selects %s, want %s%s", c.Selector, c.Document, got, c.Result, c.Results)
}

func texts(nodes []*payload.Value) []string {
	all := make([]string, len(nodes))
	for i, v := range nodes {
		all[i] = v.Text()
	}
	return all
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
