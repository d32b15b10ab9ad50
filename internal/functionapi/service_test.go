package functionapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heddle/internal/admission"
	"heddle/internal/audit"
	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/function/logbook"
	"heddle/internal/function/queue"
	"heddle/internal/functionapi"
	"heddle/internal/secret"
	"heddle/internal/store/memory"
)

const (
	project = "demo-1_a"
	base    = "/v2/" + project + "/fgs/functions"
	hello   = "urn:fss:local:" + project + ":function:default:hello"
	one     = base + "/" + hello
)

// service is the API on a store in memory, with a runtime that does what the
// test says.
type service struct {
	testing.TB
	http.Handler
	store   *memory.Store
	catalog *catalog.Catalog
	queue   *queue.Queue
	logs    *logbook.Book
	invoke  func(ctx context.Context, s function.Spec, r function.Request) function.Result
}

func (s *service) Check(_ context.Context, spec function.Spec) error {
	if spec.Handler == "unfit.handler" {
		return fmt.Errorf("no runtime for %s is installed; there are Node.js20", spec.Runtime)
	}
	return nil
}

func (s *service) Invoke(ctx context.Context, spec function.Spec, r function.Request) function.Result {
	if s.invoke == nil {
		return function.Result{Output: r.Input}
	}
	return s.invoke(ctx, spec, r)
}

func newService(t testing.TB) *service {
	t.Helper()
	return newServiceWith(t, functionapi.Config{
		Region: "local", BodyMax: 1 << 16, CallTimeout: time.Minute, Invocations: admission.Room{Max: 2, Share: 1},
	})
}

func newServiceWith(t testing.TB, cfg functionapi.Config) *service {
	t.Helper()
	s := &service{TB: t, store: memory.New(1)}
	registry, err := function.NewRegistry(function.Config{}, []function.Declaration{
		{URN: strings.Replace(hello, "hello", "declared", 1), URL: "http://127.0.0.1:1/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.logs, err = logbook.New(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s.catalog = catalog.New("local", registry, s.store, secret.NewBox(filepath.Join(t.TempDir(), "key")), s, slog.New(slog.DiscardHandler))
	s.queue = queue.New(queue.Config{Node: "node", RunningMax: 4, WaitingMax: 3, Keep: time.Hour}, s.catalog, s.store, log)
	s.Handler = functionapi.New(cfg, s.rooms(open{}), log).Handler()
	return s
}

// rooms are those whose doors the API is.
func (s *service) rooms(guard functionapi.Guard) functionapi.Rooms {
	return functionapi.Rooms{Catalog: s.catalog, Queue: s.queue, Store: s.store, Logs: s.logs, Guard: guard, Audit: audit.NewLog(s.store, slog.New(slog.DiscardHandler))}
}

// answer is what a call got.
type answer struct {
	*httptest.ResponseRecorder
	fields map[string]any // of a JSON object
}

// do sends a request; header lines have the form Name: value.
func (s *service) do(method, target, body string, header ...string) answer {
	s.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	a := answer{ResponseRecorder: httptest.NewRecorder()}
	s.ServeHTTP(a, r)
	_ = json.Unmarshal(a.Body.Bytes(), &a.fields) // other answers have no fields
	return a
}

// ok ends the test unless the answer has the status.
func (s *service) ok(a answer, status int) answer {
	s.Helper()
	if a.Code != status {
		s.Fatalf("got %d %s, want %d", a.Code, a.Body, status)
	}
	return a
}

// wantRefusal fails the test unless the answer is that error, and says so in the
// shape that the SDKs read.
func (s *service) wantRefusal(a answer, code, words string) {
	s.Helper()
	want := functionapi.Codes()[code]
	message, _ := a.fields["error_msg"].(string)
	if a.Code != want.Status && !(code == "FSS.0404" && a.Code == 405) || a.fields["error_code"] != code || !strings.Contains(message, words) {
		s.Errorf("got %d %s, want %d %s with %q", a.Code, a.Body, want.Status, code, words)
	}
	if id := a.Header().Get("X-Request-Id"); id == "" || a.fields["request_id"] != id {
		s.Errorf("the request is %q in the header and %v in the body", id, a.fields["request_id"])
	}
}

func quoted(text string) string {
	q, _ := json.Marshal(text)
	return string(q)
}

func base64of(code string) string { return base64.StdEncoding.EncodeToString([]byte(code)) }

// created is the body that creates a function; changes replace or, if they are
// empty, remove fields.
func created(changes ...string) string {
	return withChanges(map[string]string{
		"func_name": `"hello"`, "package": `"default"`, "runtime": `"Node.js18.15"`, "timeout": "3",
		"handler": `"index.handler"`, "memory_size": "128", "code_type": `"inline"`,
		"func_code": `{"file":"` + base64of("exports.handler = async (e) => e") + `"}`,
	}, changes)
}

// changed is the body that changes the configuration of that function.
func changed(changes ...string) string {
	return withChanges(map[string]string{
		"func_name": `"hello"`, "runtime": `"Node.js18.15"`, "timeout": "3", "handler": `"index.handler"`, "memory_size": "128",
	}, changes)
}

func withChanges(fields map[string]string, changes []string) string {
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		fields[name] = value
		if value == "" {
			delete(fields, name)
		}
	}
	var members []string
	for name, value := range fields {
		members = append(members, quoted(name)+":"+value)
	}
	return "{" + strings.Join(members, ",") + "}\n"
}

// create makes the function hello.
func (s *service) create() {
	s.Helper()
	s.ok(s.do("POST", base, created()), 200)
}
