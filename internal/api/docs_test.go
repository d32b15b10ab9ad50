package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heddle/internal/api"
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
	row := regexp.MustCompile(`(?m)^\| (FGS\.\d{4}) \| (\d{3}) \| (.+?) \| .+ \|$`)
	for _, m := range row.FindAllStringSubmatch(readDocs(t, "errors.md"), -1) {
		told[m[1]] = m[2] + " " + m[3]
	}
	sent := map[string]string{}
	for code, c := range api.Codes() {
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

// docs/api.md names every path.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	page := strings.ReplaceAll(readDocs(t, "api.md"), "{trigger_urn}", "{trigger_identifier}")
	for _, r := range api.Routes() {
		method, path := r[0], strings.ReplaceAll(r[1], "{trigger_urn}", "{trigger_identifier}")
		short := strings.TrimPrefix(path, "/v1.0/{project_id}")
		later := regexp.MustCompile("(?m)^\\|.*`" + regexp.QuoteMeta(short) + "`.*\\|.*" + method)
		if !strings.Contains(page, "`"+method+" "+path+"`") && !later.MatchString(page) && !strings.HasSuffix(path, "/executions/action") {
			t.Errorf("%s %s is not on the page", method, path)
		}
	}
}

// The samples of docs/api.md, sent in their order, get the answers that stand
// below them, but for ids, times and words.
func TestSamplesOfThePage(t *testing.T) {
	t.Parallel()
	s := newServiceIn(t, "local", nil)
	block := regexp.MustCompile("(?s)```sh\n(curl .+?)\n```\n(?:\n```json\n(.+?)\n```\n)?")
	samples := block.FindAllStringSubmatch(readDocs(t, "api.md"), -1)
	if len(samples) < 14 {
		t.Fatalf("got %d samples", len(samples))
	}
	for _, sample := range samples {
		method, target, body, header := parseCurl(t, sample[1])
		got := s.do(method, s.filled(target), s.filled(body), header...)
		switch wanted := sample[2]; {
		case wanted == "":
			got.want(t, 204, "")
		case strings.Contains(wanted, "error_code"):
			wantSampleRefusal(t, got, wanted)
		default:
			got.wantShape(t, wanted)
			s.learn(wanted, got)
		}
		if t.Failed() {
			t.Fatalf("in the sample\n%s", sample[1])
		}
	}
}

func wantSampleRefusal(t *testing.T, got answer, wanted string) {
	t.Helper()
	var want struct {
		Code    string `json:"error_code"`
		Message string `json:"error_msg"`
		Details []struct{ Code, Path string }
	}
	if err := json.Unmarshal([]byte(wanted), &want); err != nil {
		t.Fatal(err)
	}
	got.wantRefusal(t, api.Codes()[want.Code].Status, want.Code, strings.TrimSuffix(want.Message, "..."))
	for _, d := range want.Details {
		if !strings.Contains(got.body, fmt.Sprintf(`{"code":%q,"path":%q,`, d.Code, d.Path)) {
			t.Errorf("got %s, want %s at %s in it", got.body, d.Code, d.Path)
		}
	}
}

// parseCurl reads a command line as a shell and curl do, as far as the page
// makes use of it.
func parseCurl(t *testing.T, line string) (method, target, body string, header []string) {
	t.Helper()
	word := regexp.MustCompile(`'[^']*'|[^\s\\]+`)
	words := word.FindAllString(line, -1)[1:]
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
