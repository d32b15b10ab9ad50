package function_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"heddle/internal/function"
)

func TestRegistryFindsEverySpelling(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) })
	const tail = ":local:" + project + ":function:default:"
	r, err := function.NewRegistry(function.Config{Reach: here}, []function.Declaration{
		{URN: "urn:fss" + tail + "plain", URL: url + "/plain"},
		{URN: "urn:cff" + tail + "spelled:latest", URL: url + "/spelled"},
		{URN: "urn:fss" + tail + "plain:v2", URL: url + "/plain-v2"},
		{URN: "urn:fss" + tail + "plain:!prod", URL: url + "/plain-prod"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for urn, want := range map[string]string{
		"urn:fss" + tail + "plain":          "/plain",
		"urn:fss" + tail + "plain:latest":   "/plain",
		"urn:cff" + tail + "plain":          "/plain",
		"urn:cff" + tail + "plain:latest":   "/plain",
		"urn:fss" + tail + "spelled":        "/spelled",
		"urn:fss" + tail + "spelled:latest": "/spelled",
		"urn:fss" + tail + "plain:v2":       "/plain-v2",
		"urn:cff" + tail + "plain:v2":       "/plain-v2",
		"urn:fss" + tail + "plain:!prod":    "/plain-prod",
	} {
		call := request()
		call.Function = urn
		checkOutput(t, r.Invoke(context.Background(), call), want)
	}
}

func TestRegistryDoesNotFind(t *testing.T) {
	t.Parallel()
	r := newRegistry(t, function.Config{}, "http://127.0.0.1:1")
	for name, change := range map[string]func(*function.Request){
		"another name":    func(call *function.Request) { call.Function += "2" },
		"another version": func(call *function.Request) { call.Function += ":v2" },
		"an alias":        func(call *function.Request) { call.Function += ":!latest" },
		"another region":  func(call *function.Request) { call.Function = strings.Replace(hello, "local", "remote", 1) },
		"another project": func(call *function.Request) { call.Project = "other" },
		"no URN":          func(call *function.Request) { call.Function = "hello" },
		"nothing":         func(call *function.Request) { call.Function = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, async := range []bool{false, true} {
				call := request()
				call.Async = async
				change(&call)
				checkFailure(t, r.Invoke(context.Background(), call), function.NotFound)
			}
		})
	}
}

func TestRegistryReportsEveryProblem(t *testing.T) {
	t.Parallel()
	good := function.Declaration{URN: hello, URL: "https://functions.example:8443/hello?code=1"}
	for name, c := range map[string]struct {
		declaration function.Declaration
		want        string // in the error
	}{
		"no URN":           {function.Declaration{URL: good.URL}, `functions[1].urn: ""`},
		"not a URN":        {function.Declaration{URN: "hello", URL: good.URL}, `functions[1].urn: "hello"`},
		"again":            {good, "declared already"},
		"again as latest":  {function.Declaration{URN: hello + ":latest", URL: good.URL}, "declared already"},
		"again as cff":     {function.Declaration{URN: strings.Replace(hello, "fss", "cff", 1), URL: good.URL}, "declared already"},
		"no URL":           {declare(""), "functions[1].url: it must be an absolute http or https URL"},
		"relative URL":     {declare("/hello"), "absolute"},
		"no host":          {declare("http:///hello"), "absolute"},
		"no host but port": {declare("http://:80/hello"), "absolute"},
		"opaque URL":       {declare("http:hello"), "absolute"},
		"other scheme":     {declare("file:///etc/passwd"), "absolute"},
		"malformed URL":    {declare("http://a b/"), "absolute"},
		"control in URL":   {declare("http://a/\r\nX: y"), "absolute"},
		"port too high":    {declare("http://a:65536/"), "port"},
		"port 0":           {declare("http://a:0/"), "port"},
		"fragment":         {declare("http://a/#b"), "fragment"},
		"user":             {declare("http://me@a/"), "Authorization"},
		"password":         {declare("http://me:secret@a/"), "Authorization"},
		"no header name":   {declareHeader("", "x"), `functions[1].headers: "" is not a header name`},
		"header with ':'":  {declareHeader("a:b", "x"), "not a header name"},
		"header not ASCII": {declareHeader("naïve", "x"), "not a header name"},
		"header injection": {declareHeader("A", "x\r\nB: y"), `"A" has a value`},
		"value not ASCII":  {declareHeader("A", "é"), `"A" has a value`},
		"our header":       {declareHeader("x-heddle-state", "x"), `"x-heddle-state" is set by Heddle`},
		"host":             {declareHeader("host", "x"), "is set by Heddle"},
		"length":           {declareHeader("Content-Length", "1"), "is set by Heddle"},
		"encoding":         {declareHeader("transfer-encoding", "chunked"), "is set by Heddle"},
		"compression":      {declareHeader("accept-encoding", "gzip"), "is set by Heddle"},
		"proxy":            {declareHeader("Proxy-Authorization", "x"), "is set by Heddle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := function.NewRegistry(function.Config{}, []function.Declaration{good, c.declaration})
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want one with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q tells the password", err)
			}
		})
	}
}

// declare returns the declaration of a function other than hello.
func declare(url string) function.Declaration {
	return function.Declaration{URN: hello + ":v1", URL: url}
}

func declareHeader(name, value string) function.Declaration {
	d := declare("http://127.0.0.1/")
	d.Headers = map[string]string{name: value}
	return d
}

func TestRegistryReportsProblemsInOrder(t *testing.T) {
	t.Parallel()
	_, err := function.NewRegistry(function.Config{}, []function.Declaration{
		{URN: "first", URL: "first", Headers: map[string]string{"Host": "b", "Expect": "a"}},
		{URN: hello, URL: "http://127.0.0.1/"},
		{URN: "third", URL: "http://127.0.0.1/"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{"functions[0].url", `functions[0].headers: "Expect"`, `functions[0].headers: "Host"`, "functions[0].urn", "functions[2].urn"}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("problems:\n%v\nwant %d", err, len(want))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("problem %d is %q, want one of %s", i, got[i], want[i])
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	_, err := function.NewRegistry(function.Config{ResultBytes: -1, CallsMax: -1, DrainDuration: -1}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"ResultBytes", "CallsMax", "DrainDuration"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("error %q does not name %s", err, field)
		}
	}
}
