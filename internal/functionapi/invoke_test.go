package functionapi_test

import (
	"context"
	"testing"
	"time"

	"heddle/internal/function"
)

func TestWhatAnInvocationSays(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	output := ""
	s.invoke = func(_ context.Context, _ function.Spec, r function.Request) function.Result {
		return function.Result{Output: output, Usage: function.Usage{Log: "printed\n", Duration: 1900 * time.Microsecond, Memory: 41<<20 + 1<<19}}
	}
	for _, c := range []struct{ output, mime string }{
		{`{"n":1.10}`, "application/json"},
		{`"text"`, "application/json"},
		{"no JSON", "text/plain; charset=utf-8"},
		{"", "text/plain; charset=utf-8"},
	} {
		output = c.output
		got := s.ok(s.do("POST", one+"/invocations", "", "X-Cff-Log-Type: tail"), 200)
		if got.Body.String() != c.output || got.Header().Get("Content-Type") != c.mime {
			t.Errorf("got %q of type %s, want %q of %s", got.Body, got.Header().Get("Content-Type"), c.output, c.mime)
		}
		if summary := got.Header().Get("X-Cff-Invoke-Summary"); summary != `{"duration":1.9,"billingDuration":2,"memorySize":128,"memoryUsed":41.5}` {
			t.Errorf("the summary is %s", summary)
		}
		if log := got.Header().Get("X-Cff-Function-Log"); log != base64of("printed\n") {
			t.Errorf("the log is %q", log)
		}
		got = s.ok(s.do("POST", one+"/invocations", " \n", "X-CFF-Request-Version: v1"), 200)
		if got.fields["result"] != c.output || got.fields["status"] != 200.0 || got.fields["log"] != "" {
			t.Errorf("in version v1 got %s", got.Body)
		}
		if id := got.Header().Get("X-Cff-Request-Id"); id == "" || got.fields["request_id"] != id {
			t.Errorf("the id is %q, and in the body %v", id, got.fields["request_id"])
		}
	}
}

func TestWhatAFunctionGets(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	var got function.Request
	s.invoke = func(_ context.Context, _ function.Spec, r function.Request) function.Result {
		got = r
		return function.Result{}
	}
	for body, want := range map[string]string{"": "{}", " [1, 2]\n": "[1, 2]", `"x"`: `"x"`, `{"n":1.10}`: `{"n":1.10}`} {
		s.ok(s.do("POST", one+"/invocations", body), 200)
		if got.Input != want || got.Attempt != 1 || got.Project != project || got.Timeout != 3*time.Second || got.Async {
			t.Errorf("%q: the function got %+v", body, got)
		}
	}
}
