package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"heddle/internal/audit"
)

// A log is verified page by page, from its beginning or from what is known of it.
func TestVerify(t *testing.T) {
	t.Parallel()
	var log []audit.Record
	for tip := (audit.Tip{}); tip.Number < 7; tip = log[len(log)-1].Tip() {
		log = append(log, tip.Next(audit.Entry{User: "ada"}))
	}
	changed := func(number int64) []audit.Record {
		other := slices.Clone(log)
		other[number-1].User = "eve"
		return other
	}
	for name, c := range map[string]struct {
		log   []audit.Record
		known audit.Tip
		want  string // what is wrong; "": nothing
	}{
		"whole":                          {log, audit.Tip{}, ""},
		"empty":                          {nil, audit.Tip{}, ""},
		"changed in the first page":      {changed(2), audit.Tip{}, "record 2 is not as it was entered"},
		"changed at the end of a page":   {changed(3), audit.Tip{}, "record 3 is not"},
		"changed in the last page":       {changed(7), audit.Tip{}, "record 7 is not"},
		"removed between pages":          {slices.Delete(slices.Clone(log), 3, 4), audit.Tip{}, "record 4 is missing"},
		"from a known record":            {log, log[3].Tip(), ""},
		"from the last":                  {log, log[6].Tip(), ""},
		"changed before what is known":   {changed(2), log[3].Tip(), ""},
		"changed after what is known":    {changed(5), log[3].Tip(), "record 5 is not"},
		"cut off":                        {log[:6], log[6].Tip(), "record 7 is missing"},
		"emptied":                        {nil, log[0].Tip(), "record 1 is missing"},
		"another log":                    {log, audit.Tip{Number: 4}, "record 4 has another hash"},
		"without its beginning":          {log[1:], audit.Tip{}, "record 1 is missing"},
		"without what is known's record": {slices.Delete(slices.Clone(log), 3, 4), log[3].Tip(), "record 4 is missing"},
	} {
		end, err := audit.Verify(c.known, func(after int64) ([]audit.Record, error) {
			page := slices.DeleteFunc(slices.Clone(c.log), func(r audit.Record) bool { return r.Number <= after })
			return page[:min(3, len(page))], nil
		})
		switch {
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		case c.want == "" && (err != nil || end.Number != int64(len(c.log))):
			t.Errorf("%s: got %d, %v, want %d", name, end.Number, err, len(c.log))
		}
	}
	away := errors.New("the server is away")
	if _, err := audit.Verify(audit.Tip{}, func(int64) ([]audit.Record, error) { return nil, away }); err != away {
		t.Errorf("got %v, want %v", err, away)
	}
}

// A tip is read as it is written, and nothing else is.
func TestParseTip(t *testing.T) {
	t.Parallel()
	want := (audit.Tip{}).Next(audit.Entry{User: "ada"}).Tip()
	if got, err := audit.ParseTip(want.String()); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	hash := strings.Repeat("0", 64)
	for _, bad := range []string{"", "1", "1:", "1:" + hash[1:], "1:" + hash + "00", "0:" + hash, "-1:" + hash, "x:" + hash, "1:" + hash[1:] + "x", hash} {
		if _, err := audit.ParseTip(bad); err == nil {
			t.Errorf("%q passes for a tip", bad)
		}
	}
}
