package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"heddle/internal/audit"
	"heddle/internal/store"
)

// logStore has an audit log and nothing else.
type logStore struct {
	fakeStore
	log []audit.Record
}

func (s logStore) AuditLog(_ context.Context, _ store.AuditFilter, p store.AuditPage) ([]audit.Record, int64, error) {
	rest := s.log[min(int(p.After), len(s.log)):]
	return rest[:min(len(rest), p.Limit)], 0, nil
}

// The log is verified up to a bound, from what the caller knows of it.
func TestVerifyAudit(t *testing.T) {
	t.Parallel()
	log := (audit.Tip{}).Append(make([]audit.Entry, 100_001))
	changed := (audit.Tip{}).Append(make([]audit.Entry, 5))
	changed[2].User = "eve"
	tip := func(number int) string { return log[number-1].Tip().String() }
	for name, c := range map[string]struct {
		log   []audit.Record
		after string
		want  string
	}{
		"an empty log":      {nil, "", `{"whole":true,"last":""}`},
		"a whole one":       {log[:5], "", `{"whole":true,"last":"` + tip(5) + `"}`},
		"from a record on":  {log[:5], tip(3), `{"whole":true,"last":"` + tip(5) + `"}`},
		"up to the bound":   {log[:100_000], "", `{"whole":true,"last":"` + tip(100_000) + `","more":true}`},
		"beyond the bound":  {log, "", `{"whole":true,"last":"` + tip(100_000) + `","more":true}`},
		"behind the bound":  {log, tip(100_000), `{"whole":true,"last":"` + tip(100_001) + `"}`},
		"a changed record":  {changed, "", `{"whole":false,"last":"` + tip(2) + `","broken":3,"fault":"is not as it was entered, or one before it is not"}`},
		"one that was cut":  {log[:4], tip(5), `{"whole":false,"last":"","broken":5,"fault":"is missing: the log was cut off"}`},
		"quite another one": {log[:5], "5:" + strings.Repeat("0", 64), `{"whole":false,"last":"","broken":5,"fault":"has another hash: the log is another one"}`},
	} {
		h := faked(fakeEngine{}, logStore{log: c.log})
		target := "/heddle/audit_verification"
		if c.after != "" {
			target += "?after=" + c.after
		}
		if got := do(t, h, "GET", target, ""); got.status != 200 || strings.TrimSpace(got.body) != c.want {
			t.Errorf("%s: got %s, want %s", name, fmt.Sprint(got.status, " ", got.body), c.want)
		}
	}
	do(t, faked(fakeEngine{}, logStore{}), "GET", "/heddle/audit_verification?after=1:x", "").wantRefusal(t, 400, "FGS.0013", "after")
}
