package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"heddle/internal/api"
	"heddle/internal/exchange/pagetest"
)

// docs/errors.md has the table of codes that the program has.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	pagetest.CheckCodes(t, "FGS", api.Codes())
}

// docs/api.md names every path.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	page := strings.ReplaceAll(pagetest.Read(t, "api.md"), "{trigger_urn}", "{trigger_identifier}")
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
	samples := pagetest.Samples(t, "api.md")
	if len(samples) < 14 {
		t.Fatalf("got %d samples", len(samples))
	}
	for _, sample := range samples {
		got := s.do(sample.Method, s.filled(sample.Target), s.filled(sample.Body), sample.Header...)
		switch wanted := sample.Answer; {
		case wanted == "":
			got.want(t, 204, "")
		case strings.Contains(wanted, "error_code"):
			wantSampleRefusal(t, got, wanted)
		default:
			got.wantShape(t, wanted)
			s.learn(wanted, got)
		}
		if t.Failed() {
			t.Fatalf("in the sample\n%s", sample.Text)
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
