package functionapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heddle/internal/functionapi"
)

func readDocs(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docs/errors.md has the table of codes that the program has.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	told := map[string]string{}
	row := regexp.MustCompile(`(?m)^\| (FSS\.\d{4}) \| (\d{3}) \| (.+?) \| .+ \|$`)
	for _, m := range row.FindAllStringSubmatch(readDocs(t, "errors.md"), -1) {
		told[m[1]] = m[2] + " " + m[3]
	}
	sent := map[string]string{}
	for code, c := range functionapi.Codes() {
		sent[code] = fmt.Sprintf("%d %s", c.Status, c.Meaning)
	}
	for _, code := range slices.Sorted(maps.Keys(sent)) {
		if told[code] != sent[code] {
			t.Errorf("%s: the page says %q, the program %q", code, told[code], sent[code])
		}
		delete(told, code)
	}
	for code := range told {
		t.Errorf("%s: the page has it, the program does not send it", code)
	}
}

// docs/functions.md names every call that there is.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	page := strings.Join(strings.Fields(readDocs(t, "functions.md")), " ")
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
	block := regexp.MustCompile("(?s)```sh\n(curl .+?)\n```\n(?:\n```json\n(.+?)\n```\n)")
	samples := block.FindAllStringSubmatch(readDocs(t, "functions.md"), -1)
	if len(samples) < 8 {
		t.Fatalf("got %d samples", len(samples))
	}
	for _, sample := range samples {
		method, target, body, header := parseCurl(t, sample[1])
		got := s.do(method, target, body, header...)
		if got.Code/100 != 2 {
			t.Fatalf("got %d %s\nin the sample\n%s", got.Code, got.Body, sample[1])
		}
		if g, w := shapeOf(t, got.Body.String()), shapeOf(t, sample[2]); !reflect.DeepEqual(g, w) {
			t.Fatalf("got  %v\nwant %v\nin the sample\n%s", g, w, sample[1])
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

// parseCurl reads a command line as a shell and curl do, as far as the page
// makes use of it.
func parseCurl(t *testing.T, line string) (method, target, body string, header []string) {
	t.Helper()
	words := regexp.MustCompile(`'[^']*'|[^\s\\]+`).FindAllString(line, -1)[1:]
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	method = "GET"
	for len(words) > 0 {
		switch words[0] {
		case "-X":
			method, words = words[1], words[1:]
		case "-H":
			header, words = append(header, words[1]), words[1:]
		case "-d":
			body, words = words[1], words[1:]
		case "-s":
		default:
			path, ok := strings.CutPrefix(words[0], "http://127.0.0.1:8480")
			if !ok {
				t.Fatalf("%q is not understood", words[0])
			}
			target = path
		}
		words = words[1:]
	}
	return method, target, body, header
}
