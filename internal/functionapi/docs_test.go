package functionapi_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"heddle/internal/exchange/pagetest"
	"heddle/internal/functionapi"
)

// docs/errors.md has the table of codes that the program has.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	pagetest.CheckCodes(t, "FSS", functionapi.Codes())
}

// docs/functions.md names every call that there is.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	page := strings.Join(strings.Fields(pagetest.Read(t, "functions.md")), " ")
	for r, there := range functionapi.Routes() {
		if there && !strings.Contains(page, "`"+r[0]+" "+r[1]+"`") && !strings.Contains(page, "`"+r[1]+"`") {
			t.Errorf("%s %s is not on the page", r[0], r[1])
		}
	}
}

// The samples of docs/functions.md, sent in their order, get the answers that
// stand below them, but for ids, times and digests.
func TestSamplesOfThePage(t *testing.T) {
	t.Parallel()
	s := newService(t)
	samples := pagetest.Samples(t, "functions.md")
	if len(samples) < 8 {
		t.Fatalf("got %d samples", len(samples))
	}
	for _, sample := range samples {
		got := s.do(sample.Method, sample.Target, sample.Body, sample.Header...)
		if got.Code/100 != 2 {
			t.Fatalf("got %d %s\nin the sample\n%s", got.Code, got.Body, sample.Text)
		}
		if g, w := shapeOf(t, got.Body.String()), shapeOf(t, sample.Answer); !reflect.DeepEqual(g, w) {
			t.Fatalf("got  %v\nwant %v\nin the sample\n%s", g, w, sample.Text)
		}
	}
}

// changing are the values that differ from run to run.
var changing = []struct{ form, shown string }{
	{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`, "<time>"},
	{`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, "<id>"},
	{`"digest":"[^"]+"`, `"digest":"<digest>"`},
	{`"image_name":"(\w+)-\d+"`, `"image_name":"$1-<n>"`},
}

func shapeOf(t *testing.T, text string) any {
	t.Helper()
	for _, c := range changing {
		text = regexp.MustCompile(c.form).ReplaceAllString(text, c.shown)
	}
	var shape any
	if err := json.Unmarshal([]byte(text), &shape); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return shape
}
