package functionapi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"heddle/internal/function"
	"heddle/internal/functionapi"
	"heddle/internal/store"
)

// TestRefusals has every code but those of faults, and what a message says.
func TestRefusals(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 70_000)
	twentyOne := `{`
	for n := range 21 {
		twentyOne += fmt.Sprintf(`"K%d":"v",`, n)
	}
	twentyOne = quoted(twentyOne[:len(twentyOne)-1] + "}")
	cases := []struct {
		method, target, body, code, words string
	}{
		{"POST", "/v2/de.mo/fgs/functions", created(), "FSS.0400", "project_id"},
		{"POST", base, created("func_vpc={\"vpc_id\":\"x\"}"), "FSS.0501", "func_vpc"},
		{"POST", base, created("depend_version_list=[\"x\"]"), "FSS.0501", "depend_version_list"},
		{"POST", base, created("timeout=\"3\""), "FSS.0400", "timeout"},
		{"POST", base, created("timeout=3.5"), "FSS.0400", "timeout"},
		{"POST", base, "[]", "FSS.0406", "JSON object"},
		{"POST", base, "", "FSS.0406", "JSON object"},
		{"POST", base, `{"func_name":"a","func_name":"b"}`, "FSS.0406", "duplicate"},
		{"POST", base + "/" + hello + "/invocations", long, "FSS.0413", "at most 65536"},
		{"GET", "/v2/" + project + "/fgs/nothing", "", "FSS.0404", "not a path"},
		{"PATCH", base, "", "FSS.0404", ""},
		{"DELETE", base, "", "FSS.0404", "takes GET, POST"},
		{"POST", one + "/cancel", "{}", "FSS.0501", "POST"},
		{"GET", base + "?maxitems=-1", "", "FSS.1001", "maxitems"},
		{"GET", base + "?marker=a", "", "FSS.1001", "marker"},
		{"GET", base + "?marker=1&marker=2", "", "FSS.1001", "2 times"},

		{"POST", base, created("func_name="), "FSS.1002", "func_name"},
		{"POST", base, created("func_name=\"1a\""), "FSS.1002", "begin with a letter"},
		{"POST", base, created("func_name=\"a-\""), "FSS.1002", "end with"},
		{"POST", base, created("func_name=" + quoted(strings.Repeat("a", 61))), "FSS.1002", "1 to 60"},
		{"PUT", one + "/config", changed("func_name=\"other\""), "FSS.1002", "keeps its name"},
		{"POST", base, created("handler=\"index\""), "FSS.1003", "index.handler"},
		{"POST", base, created("handler=\"../x.y\""), "FSS.1003", "handler"},
		{"POST", base, created("initializer_handler=\"x\"", "initializer_timeout=3"), "FSS.1003", "initializer_handler"},
		{"POST", base, created("package=\"a/b\""), "FSS.1004", "package"},
		{"POST", base, created("runtime=\"Java8\""), "FSS.1005", "Java8"},
		{"PUT", one + "/config", changed("runtime=\"http\""), "FSS.1005", "cannot become"},
		{"POST", base, created("handler=\"unfit.handler\""), "FSS.0400", "there are Node.js20"},
		{"POST", base, created("code_type="), "FSS.1006", "inline or zip"},
		{"POST", base, created("code_type=\"obs\""), "FSS.0501", "obs"},
		{"POST", base, created("memory_size=129"), "FSS.1007", "129"},
		{"POST", base, created("timeout=2"), "FSS.1008", "from 3 to 259200"},
		{"POST", base, created("timeout=259201"), "FSS.1008", "259201"},
		{"POST", base, created("user_data=\"[]\""), "FSS.1009", "JSON object of strings"},
		{"POST", base, created("user_data=" + quoted(`{"a-b":"c"}`)), "FSS.1009", "a-b"},
		{"POST", base, created("encrypted_user_data=" + quoted(`{"A":1}`)), "FSS.1009", "encrypted_user_data"},
		{"POST", base, created("user_data=" + twentyOne), "FSS.1017", "21"},
		{"POST", base, created("user_data=" + quoted(`{"A":"`+long[:5000]+`"}`)), "FSS.1018", "4096"},
		{"POST", base, created("runtime=\"http\"", "code_type=", "func_code="), "FSS.1010", "code_url"},
		{"POST", base, created("runtime=\"http\"", "code_type=", "code_url=\"file:///etc/passwd\""), "FSS.1010", "absolute http"},
		{"POST", base, created("runtime=\"http\"", "code_type=", "code_url=\"http://a/\"", "user_data="+quoted(`{"Host":"x"}`)), "FSS.1010", "Host"},
		{"POST", base, created("func_code={\"file\":\"***\"}"), "FSS.1011", "base64"},
		{"POST", base, created("func_code={\"file\":\"/w==\"}"), "FSS.1011", "UTF-8"},
		{"POST", base, created("func_code="), "FSS.1012", "func_code.file"},
		{"POST", base, created("func_code={\"link\":\"http://a/\"}"), "FSS.0501", "link"},
		{"POST", one + "/aliases", `{"name":"latest","version":"v1"}`, "FSS.1014", "not be latest"},
		{"POST", one + "/aliases", `{"name":"b"}`, "FSS.1015", "version is missing"},
		{"POST", one + "/versions", `{"version":"latest"}`, "FSS.1015", "not be latest"},
		{"POST", one + "/versions", `{"digest":"0"}`, "FSS.0428", "digest"},
		{"POST", one + "/versions", `{}`, "FSS.1016", "v1"},
		{"POST", one + "/versions", `{"description":` + quoted(long[:513]) + `}`, "FSS.1019", "513"},
		{"POST", base, created("description=" + quoted(long[:513])), "FSS.1019", "at most 512"},
		{"GET", strings.Replace(one, "hello", "none", 1) + "/config", "", "FSS.1051", "none"},
		{"GET", strings.Replace(one, "local", "other", 1) + "/config", "", "FSS.1051", "no function"},
		{"GET", "/v2/other/fgs/functions/" + hello + "/config", "", "FSS.1051", "no function"},
		{"GET", base + "/hello/config", "", "FSS.0400", "function_urn"},
		{"GET", one + ":v9/config", "", "FSS.1052", "v9"},
		{"DELETE", one + ":v9", "", "FSS.1052", "v9"},
		{"GET", one + ":!none/config", "", "FSS.1053", "none"},
		{"GET", one + "/aliases/none", "", "FSS.1053", "none"},
		{"PUT", one + "/aliases/none", `{"version":"v1"}`, "FSS.1053", "none"},
		{"DELETE", one + "/aliases/none", "", "FSS.1053", "none"},
		{"DELETE", one + ":!prod", "", "FSS.0400", "alias"},
		{"PUT", one + ":v1/config", changed(), "FSS.0400", "only latest"},
		{"POST", base, created(), "FSS.1061", "hello"},
		{"POST", base, created("func_name=\"declared\""), "FSS.1061", "declared"},
		{"POST", one + "/aliases", `{"name":"prod","version":"v1"}`, "FSS.1063", "prod"},
		{"DELETE", one + ":v1", "", "FSS.1066", "prod"},
		{"POST", base, created("func_code={\"file\":\"" + base64of(long[:10<<10+1]) + "\"}"), "FSS.1072", "send a zip"},
		{"POST", one + "/aliases", `{"name":"b","version":"v1","additional_version_weights":{"latest":101}}`, "FSS.1091", "101"},
		{"POST", one + "/aliases", `{"name":"b","version":"v1","additional_version_strategy":{"latest":{}}}`, "FSS.0501", "strategy"},
		{"PUT", one + "/config-max-instance", `{"max_instance_num":-2}`, "FSS.0400", "-1"},
		{"PUT", one + "/config-max-instance", `{}`, "FSS.0400", "max_instance_num"},
		{"PUT", one + "/config", changed("strategy_config={\"concurrency\":1,\"concurrent_num\":0}"), "FSS.0400", "concurrent_num"},
		{"POST", one + "/invocations", "{", "FSS.0406", "JSON"},
		{"POST", one + ":v9/invocations", "{}", "FSS.1051", "v9"},
		{"POST", one + ":v9/invocations-async", "{}", "FSS.1052", "v9"},
		{"GET", one + "/async-invocations?request_id=x", "", "FSS.1001", "request_id"},
		{"GET", one + "/async-invocations?status=wait", "", "FSS.1001", "WAIT"},
		{"GET", one + "/active-async-invocations?status=FAIL", "", "FSS.1001", "RUNNING"},
		{"GET", one + "/async-invocations?query_begin_time=now", "", "FSS.1001", "query_begin_time"},
		{"PUT", one + "/async-invoke-config", `{"max_async_event_age_in_seconds":0}`, "FSS.0400", "86400"},
		{"PUT", one + "/async-invoke-config", `{"max_async_retry_attempts":4}`, "FSS.0400", "0 to 3"},
		{"PUT", one + "/async-invoke-config", `{"destination_config":{"on_failure":{"destination":"SMN"}}}`, "FSS.0501", "destination_config"},
		{"PUT", one + ":v9/async-invoke-config", `{}`, "FSS.1052", "v9"},
	}
	s := newService(t)
	s.create()
	s.ok(s.do("POST", one+"/versions", `{"version":"v1"}`), 200)
	s.ok(s.do("POST", one+"/aliases", `{"name":"prod","version":"v1"}`), 200)
	seen := map[string]bool{"FSS.1062": true} // needs a change first
	for _, c := range cases {
		got := s.do(c.method, c.target, c.body)
		s.wantRefusal(got, c.code, c.words)
		if t.Failed() {
			t.Fatalf("%s %s %.300s", c.method, c.target, c.body)
		}
		seen[c.code] = true
	}
	s.ok(s.do("PUT", one+"/config", changed("timeout=9")), 200)
	s.wantRefusal(s.do("POST", one+"/versions", `{"version":"v1"}`), "FSS.1062", "v1")

	for _, elsewhere := range []string{ // in the tests below, and in that of large packages
		"FSS.0401", "FSS.0403", "FSS.0408", "FSS.0409", "FSS.0411", "FSS.0429", "FSS.0500", "FSS.0502", "FSS.0503", "FSS.0504",
		"FSS.1041", "FSS.1042", "FSS.1043", "FSS.1071",
	} {
		seen[elsewhere] = true
	}
	for code := range functionapi.Codes() {
		if !seen[code] {
			t.Errorf("%s is not tested", code)
		}
	}
}

func TestFaultsOfTheStore(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	var fault error
	s.store.Faults.Before = func(string) error { return fault }
	fault = fmt.Errorf("away: %w", store.ErrUnavailable)
	for _, call := range [][3]string{
		{"GET", one + "/config", ""}, {"GET", base, ""}, {"POST", base, created("func_name=\"b\"")},
		{"PUT", one + "/config", changed()}, {"DELETE", one, ""}, {"POST", one + "/invocations-async", "{}"},
	} {
		got := s.do(call[0], call[1], call[2])
		s.wantRefusal(got, "FSS.0503", "nothing has happened")
		if got.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s: no Retry-After", call[0], call[1])
		}
	}
	fault = errors.New("a secret reason")
	got := s.do("GET", one+"/config", "")
	s.wantRefusal(got, "FSS.0500", "X-Request-Id")
	if strings.Contains(got.Body.String(), "secret reason") {
		t.Errorf("the answer tells %s", got.Body)
	}
	fault = nil
	s.store.Faults.After = func(string) error { return store.ErrOutcomeUnknown }
	s.wantRefusal(s.do("DELETE", one, ""), "FSS.0504", "may or may not")
}

// Somebody else changes the function again and again.
func TestChangesThatNeverCome(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	s.store.Faults.Before = func(method string) error {
		if method == "UpdateLatest" {
			return store.ErrStale
		}
		return nil
	}
	s.wantRefusal(s.do("PUT", one+"/config", changed()), "FSS.0409", "by others")
}

func TestFailuresOfFunctions(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	thrown := &function.Failure{Name: function.ActionFailed, Message: "x is null", Thrown: true, Type: "TypeError", Stack: "at a\nat b"}
	for _, c := range []struct {
		failure *function.Failure
		code    string
		wrapped string // the answer of version v1, or the code again
	}{
		{thrown, "FSS.0500", `"status":500`},
		{&function.Failure{Name: function.Timeout, Message: "too long"}, "FSS.0408", `"status":408`},
		{&function.Failure{Name: function.TooManyRequests, Message: "busy"}, "FSS.0429", "FSS.0429"},
		{&function.Failure{Name: function.FunctionStageUnavailable, Message: "away"}, "FSS.0503", "FSS.0503"},
		{&function.Failure{Name: function.FunctionStageOtherErrors, Message: "odd"}, "FSS.0502", "FSS.0502"},
		{&function.Failure{Name: function.NotFound, Message: "gone"}, "FSS.1051", "FSS.1051"},
	} {
		s.invoke = func(context.Context, function.Spec, function.Request) function.Result {
			return function.Result{Failure: c.failure, Usage: function.Usage{Log: "printed"}}
		}
		got := s.do("POST", one+"/invocations", "{}", "X-Cff-Log-Type: tail")
		s.wantRefusal(got, c.code, c.failure.Message)
		if got.Header().Get("X-Cff-Request-Id") == "" || got.Header().Get("X-Cff-Function-Log") != base64of("printed") {
			t.Errorf("%s: the header is %v", c.code, got.Header())
		}
		got = s.do("POST", one+"/invocations", "{}", "X-CFF-Request-Version: v1")
		if strings.HasPrefix(c.wrapped, "FSS.") {
			s.wantRefusal(got, c.wrapped, c.failure.Message)
		} else if !strings.Contains(s.ok(got, 200).Body.String(), c.wrapped) {
			t.Errorf("%s: the answer of v1 is %s", c.code, got.Body)
		}
	}
	s.invoke = func(context.Context, function.Spec, function.Request) function.Result {
		return function.Result{Failure: thrown}
	}
	got := s.ok(s.do("POST", one+"/invocations", "{}", "X-CFF-Request-Version: v1"), 200)
	if got.fields["result"] != `{"errorMessage":"x is null","errorType":"TypeError","stackTrace":["at a","at b"]}` {
		t.Errorf("the result is %v", got.fields["result"])
	}
}

// A project has its share of the invocations at a time, and is told when that
// is used up.
func TestInvocationsAtATime(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	begun, release := make(chan struct{}), make(chan struct{})
	s.invoke = func(context.Context, function.Spec, function.Request) function.Result {
		close(begun)
		<-release
		return function.Result{Output: "1"}
	}
	var first sync.WaitGroup
	first.Go(func() { s.ok(s.do("POST", one+"/invocations", "{}"), 200) })
	<-begun
	got := s.do("POST", one+"/invocations", "{}")
	s.wantRefusal(got, "FSS.0429", "try again")
	if got.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	close(release)
	first.Wait()
}

func TestInvocationsThatWait(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	for range 3 {
		s.ok(s.do("POST", one+"/invocations-async", "{}"), 202)
	}
	s.wantRefusal(s.do("POST", one+"/invocations-async", "{}"), "FSS.0429", "nothing has happened")
	s.ok(s.do("PUT", one+"/config-max-instance", `{"max_instance_num":0}`), 200)
	s.wantRefusal(s.do("POST", one+"/invocations-async", "{}"), "FSS.0429", "disabled")
	s.wantRefusal(s.do("POST", one+"/invocations", "{}"), "FSS.0429", "disabled")
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	for n := range 20 {
		s.ok(s.do("POST", one+"/aliases", fmt.Sprintf(`{"name":"a%d","version":"latest"}`, n)), 200)
	}
	s.wantRefusal(s.do("POST", one+"/aliases", `{"name":"b","version":"latest"}`), "FSS.1043", "20")
	for n := range 99 {
		s.ok(s.do("PUT", one+"/config", changed(fmt.Sprintf("timeout=%d", n+3))), 200)
		s.ok(s.do("POST", one+"/versions", fmt.Sprintf(`{"version":"v%d"}`, n)), 200)
	}
	s.ok(s.do("PUT", one+"/config", changed("timeout=300")), 200)
	s.wantRefusal(s.do("POST", one+"/versions", `{}`), "FSS.0403", "100 versions")
	for n := range 999 {
		name := store.FunctionName{Project: project, Package: "default", Name: fmt.Sprintf("f%d", n)}
		if _, err := s.store.CreateFunction(t.Context(), store.Function{FunctionName: name}, nil); err != nil {
			t.Fatal(err)
		}
	}
	s.wantRefusal(s.do("POST", base, created("func_name=\"more\"")), "FSS.1041", "1000")
}

func TestTransport(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.create()
	for _, target := range []string{base + "/..", base + "//x", base + "/a%2Fb/config", base + "/%00/config"} {
		s.wantRefusal(s.do("GET", target, ""), "FSS.0404", "not a path")
	}
	got := s.do("POST", base, created(), "Sec-Fetch-Site: cross-site")
	s.wantRefusal(got, "FSS.0403", "another origin")
	// The SDK sends a type on everything, and colons as they are or encoded.
	s.ok(s.do("GET", strings.ReplaceAll(one, ":", "%3A")+"/config", "", "Content-Type: application/json"), 200)
	// It signs what it sends; whoever is let in is for others to say.
	s.ok(s.do("GET", one+"/config", "", "Authorization: SDK-HMAC-SHA256 Access=ak, SignedHeaders=x-sdk-date, Signature=00", "X-Sdk-Date: 20261122T215726Z"), 200)
}
