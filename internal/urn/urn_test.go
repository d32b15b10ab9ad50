package urn_test

import (
	"fmt"
	"testing"

	"heddle/internal/urn"
)

func TestParseFunction(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]urn.Function{
		"urn:fss:local:p1:function:shop:price":            {Lead: "fss", Region: "local", Project: "p1", Package: "shop", Name: "price"},
		"urn:fss:local:p1:function:shop:price:v1.2":       {Lead: "fss", Region: "local", Project: "p1", Package: "shop", Name: "price", Version: "v1.2"},
		"urn:cff:cn_north_1:p1:function:shop:price:!live": {Lead: "cff", Region: "cn_north_1", Project: "p1", Package: "shop", Name: "price", Version: "!live"},
		"urn:fss:urn:cff:function:shop:price":             {Lead: "fss", Region: "urn", Project: "cff", Package: "shop", Name: "price"},
	} {
		got, err := urn.ParseFunction(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v and %v, want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}

func TestNoFunctions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "price",
		"urn:fgs:local:p1:function:shop:price",
		"urn:fss:local:p1:graph:shop:price",
		"urn:fss:local:p1:function:shop",
		"urn:fss:local:p1:function:shop:price:v1:more",
		"urn:fss:local:p1:function:shop:price:",
		"urn:fss:local:p1:function:shop:price:!",
		"urn:fss::p1:function:shop:price",
		"urn:fss:lo cal:p1:function:shop:price",
		"urn:fss:local:p/1:function:shop:price",
		"urn:fss:local:p1:function:shop:pr ice",
	} {
		if got, err := urn.ParseFunction(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

func TestWorkerType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"urn:fgs:local:p1:trigger:Worker_WorkRequest_ask_1": urn.WorkRequest,
		"urn:fgs:local:p1:trigger:Worker_HeartBeat_a_b_1":   urn.HeartBeat,
		"urn:fgs:local:p1:trigger:Worker_WorkSuccess_x_1":   urn.WorkSuccess,
		"urn:fgs:local:p1:trigger:Worker_WorkFailure_x_1":   urn.WorkFailure,
		"urn:fgs:local:p1:trigger:Worker_workrequest_x_1":   "",
		"urn:fgs:local:p1:trigger:SMN_WorkRequest_x_1":      "",
	} {
		trigger, err := urn.ParseTrigger(text)
		if got := trigger.WorkerType(); err != nil || got != want {
			t.Errorf("%s: got %q and %v, want %q", text, got, err, want)
		}
	}
}

// FuzzParse has what is read be written again as it was, and be of one kind only.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"urn:fgs:local:p:graph:g", "urn:fgs:local:p:execution:g:运行 1:019dba5c6f0d7c3a8a5e4c1f0b2d9e77", "urn:fgs:local:p:cron:g:t",
		"urn:fgs:local:p:trigger:Worker_HeartBeat_a_b_1", "urn:fss:local:p:function:default:f", "urn:cff:local:p:function:default:f:!live",
		"urn:fss:local:p:function:default:f:", "urn:fgs:local::graph:g", "::::::::",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var kinds []string
		read := func(kind string, written fmt.Stringer, err error) {
			if err != nil {
				return
			}
			kinds = append(kinds, kind)
			if written.String() != text {
				t.Errorf("%q is read as a %s and written as %q", text, kind, written)
			}
		}
		g, err := urn.ParseGraph(text)
		read("graph", g, err)
		x, err := urn.ParseExecution(text)
		read("execution", x, err)
		timer, err := urn.ParseTimer(text)
		read("timer", timer, err)
		trigger, err := urn.ParseTrigger(text)
		read("trigger", trigger, err)
		function, err := urn.ParseFunction(text)
		read("function", function, err)
		if len(kinds) > 1 {
			t.Errorf("%q is read as each of %v", text, kinds)
		}
		if err != nil {
			return
		}
		canonical := function.Canonical()
		if again, err := urn.ParseFunction(canonical.String()); err != nil || again != canonical || again.Canonical() != canonical {
			t.Errorf("%q in its canonical form is %+v, and that is read as %+v, %v", text, canonical, again, err)
		}
	})
}
