package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"heddle/internal/function"
	"heddle/internal/function/catalog"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

const (
	project = "9800716a0c604a8690963103a85754f0"
	hello   = "urn:fss:local:" + project + ":function:default:hello"
)

var helloName = store.FunctionName{Project: project, Package: "default", Name: "hello"}

// fakeRuntime answers with what it was asked.
type fakeRuntime struct {
	check  func(function.Spec) error
	invoke func(function.Spec, function.Request) function.Result
}

func (r fakeRuntime) Check(ctx context.Context, s function.Spec) error {
	if r.check == nil {
		return nil
	}
	return r.check(s)
}

func (r fakeRuntime) Invoke(ctx context.Context, s function.Spec, call function.Request) function.Result {
	if r.invoke == nil {
		return function.Result{Output: s.URN}
	}
	return r.invoke(s, call)
}

// fixture is a catalog on a store of its own.
type fixture struct {
	*testing.T
	*catalog.Catalog
	store *memory.Store
	key   string
}

func newFixture(t *testing.T, runtime function.Runtime, declared ...function.Declaration) *fixture {
	t.Helper()
	registry, err := function.NewRegistry(function.Config{Reach: function.Reach{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}, declared)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, store: memory.New(1), key: filepath.Join(t.TempDir(), "key")}
	f.Catalog = catalog.New("local", registry, f.store, secret.NewBox(f.key), runtime, slog.New(slog.DiscardHandler))
	return f
}

func (f *fixture) no(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// wantKind fails the test unless the error is a problem of the kind.
func (f *fixture) wantKind(err error, want catalog.Kind) {
	f.Helper()
	var p *catalog.Problem
	if !errors.As(err, &p) || p.Kind != want {
		f.Errorf("got %v, want a problem of kind %d", err, want)
	}
}

func draft(code string) catalog.Draft {
	return catalog.Draft{
		Properties: catalog.Properties{Runtime: "Node.js18.15", Handler: "index.handler", Timeout: 3, MemorySize: 128, CodeType: function.CodeInline},
		Code:       []byte(code),
	}
}

func (f *fixture) create() catalog.Function {
	f.Helper()
	made, err := f.Create(f.Context(), helloName, draft("first"))
	f.no(err)
	return made
}

// invoke calls a function of the project.
func (f *fixture) invoke(urn, id string) function.Result {
	return f.Invoke(f.Context(), function.Request{Function: urn, Project: project, Input: "{}", Timeout: 1 << 40, InvocationID: id})
}

func (f *fixture) wantOutput(urn, want string) {
	f.Helper()
	if got := f.invoke(urn, "id"); got.Failure != nil || got.Output != want {
		f.Errorf("%s: got %q, %+v, want %q", urn, got.Output, got.Failure, want)
	}
}

func (f *fixture) wantFailure(urn, want string) {
	f.Helper()
	if got := f.invoke(urn, "id"); got.Failure == nil || got.Failure.Name != want {
		f.Errorf("%s: got %q, %+v, want %s", urn, got.Output, got.Failure, want)
	}
}

func TestURNsAreResolved(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{}, function.Declaration{URN: "urn:fss:local:" + project + ":function:default:declared", URL: "http://127.0.0.1:1/"})
	f.create()
	f.no(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: "v1"})))
	f.no(second(f.UpdateCode(t.Context(), helloName, draft("second"))))
	f.no(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: "v2"})))
	f.no(second(f.CreateAlias(t.Context(), helloName, "prod", catalog.Alias{Version: "v1"})))
	f.no(second(f.CreateAlias(t.Context(), helloName, "v2", catalog.Alias{Version: "v1"})))

	f.wantOutput(hello, hello+":latest")
	f.wantOutput(hello+":latest", hello+":latest")
	f.wantOutput(strings.Replace(hello, "fss", "cff", 1)+":v1", hello+":v1")
	f.wantOutput(hello+":!prod", hello+":v1")
	f.wantOutput(hello+":prod", hello+":v1")
	f.wantOutput(hello+":v2", hello+":v2") // a version comes before an alias of its name
	f.wantOutput(hello+":!v2", hello+":v1")
	for _, unknown := range []string{
		hello + "2", hello + ":v3", hello + ":!v1", hello + ":!none",
		strings.Replace(hello, "local", "remote", 1), strings.Replace(hello, "default", "other", 1), "hello", "",
	} {
		f.wantFailure(unknown, function.NotFound)
	}
	if got := f.Invoke(t.Context(), function.Request{Function: hello, Project: "another", Timeout: 1}); got.Failure == nil || got.Failure.Name != function.NotFound {
		t.Errorf("of another project: got %+v", got)
	}
	f.wantFailure("urn:fss:local:"+project+":function:default:declared", function.FunctionStageUnavailable)
	_, err := f.Create(t.Context(), store.FunctionName{Project: project, Package: "default", Name: "declared"}, draft("x"))
	f.wantKind(err, catalog.FunctionExists)
}

// second and second3 return the error of a call with more results.
func second[T any](_ T, err error) error          { return err }
func second3[S, T any](_ S, _ T, err error) error { return err }

func TestChangesAreSeenByTheNextCall(t *testing.T) {
	t.Parallel()
	digests := func(s function.Spec, _ function.Request) function.Result {
		code, _ := s.Code(context.Background())
		return function.Result{Output: fmt.Sprint(string(code), " ", s.MemoryMiB, " ", s.InstancesMax)}
	}
	f := newFixture(t, fakeRuntime{invoke: digests})
	f.create()
	f.wantOutput(hello, "first 128 -1")
	f.no(second(f.UpdateCode(t.Context(), helloName, draft("second"))))
	f.wantOutput(hello, "second 128 -1")
	f.no(second(f.UpdateConfig(t.Context(), helloName, nil, func(p *catalog.Properties) error { p.MemorySize = 256; return nil })))
	f.wantOutput(hello, "second 256 -1")
	n := 5
	f.no(second(f.SetInstances(t.Context(), helloName, &n, nil)))
	f.wantOutput(hello, "second 256 5")
	n = 0
	f.no(second(f.SetInstances(t.Context(), helloName, &n, nil)))
	f.wantFailure(hello, function.TooManyRequests)
	made, err := f.Function(t.Context(), helloName)
	f.no(err)
	f.no(f.Delete(t.Context(), made))
	f.wantFailure(hello, function.NotFound)
	f.create()
	f.wantOutput(hello, "first 128 -1")
}

func TestWeightsSpreadInvocations(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	f.no(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: "v1"})))
	f.no(second(f.CreateAlias(t.Context(), helloName, "prod", catalog.Alias{Version: "latest", Weights: map[string]int{"v1": 30}})))
	got := map[string]int{}
	for n := range 1000 {
		id := fmt.Sprintf("invocation-%d", n)
		one := f.invoke(hello+":!prod", id).Output
		if again := f.invoke(hello+":!prod", id).Output; again != one {
			t.Fatalf("%s: %s, then %s", id, one, again)
		}
		got[one]++
	}
	if n := got[hello+":v1"]; n < 230 || n > 370 || n+got[hello+":latest"] != 1000 {
		t.Errorf("got %v, want about 300 of v1", got)
	}
}

func TestAliasesAreChecked(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	f.no(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: "v1"})))
	put := func(a catalog.Alias) error { return second(f.CreateAlias(t.Context(), helloName, "a", a)) }
	f.wantKind(put(catalog.Alias{Version: "v9"}), catalog.NoVersion)
	f.wantKind(put(catalog.Alias{Version: "v1", Weights: map[string]int{"v9": 1}}), catalog.NoVersion)
	f.wantKind(put(catalog.Alias{Version: "v1", Weights: map[string]int{"v1": 1}}), catalog.BadWeights)
	f.wantKind(put(catalog.Alias{Version: "v1", Weights: map[string]int{"latest": 0}}), catalog.BadWeights)
	f.wantKind(put(catalog.Alias{Version: "v1", Weights: map[string]int{"latest": 101}}), catalog.BadWeights)
	f.wantKind(second(f.ChangeAlias(t.Context(), helloName, "a", catalog.Alias{Version: "v1"})), catalog.NoAlias)
	f.wantKind(f.DeleteAlias(t.Context(), helloName, "a"), catalog.NoAlias)
	f.no(put(catalog.Alias{Version: "latest", Weights: map[string]int{"v1": 100}}))
	f.wantKind(put(catalog.Alias{Version: "v1"}), catalog.AliasExists)
	f.wantKind(f.DeleteVersion(t.Context(), helloName, "v1"), catalog.VersionInUse)
	f.no(second(f.ChangeAlias(t.Context(), helloName, "a", catalog.Alias{Version: "latest"})))
	f.no(f.DeleteVersion(t.Context(), helloName, "v1"))
	f.wantKind(f.DeleteVersion(t.Context(), helloName, "v1"), catalog.NoVersion)
	f.no(f.DeleteAlias(t.Context(), helloName, "a"))
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	text := "the first"
	_, v, err := f.Publish(t.Context(), helloName, catalog.Publication{Description: &text})
	f.no(err)
	if len(v.Name) != len("v20060102-150405") || v.Description != text {
		t.Errorf("published %+v", v)
	}
	f.wantKind(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: "v2"})), catalog.Unchanged)
	f.wantKind(second3(f.Publish(t.Context(), helloName, catalog.Publication{Digest: "0"})), catalog.OtherCode)
	f.no(second(f.UpdateConfig(t.Context(), helloName, nil, func(p *catalog.Properties) error { p.Timeout = 9; return nil })))
	f.wantKind(second3(f.Publish(t.Context(), helloName, catalog.Publication{Version: v.Name})), catalog.VersionExists)
	_, again, err := f.Publish(t.Context(), helloName, catalog.Publication{}) // perhaps in the same second
	f.no(err)
	if again.Name == v.Name || again.Timeout != 9 {
		t.Errorf("published %+v after %s", again, v.Name)
	}
	published, err := f.Version(t.Context(), mustFunction(f), v.Name)
	f.no(err)
	if published.Timeout != 3 {
		t.Errorf("the published version has changed: %+v", published)
	}
}

func mustFunction(f *fixture) catalog.Function {
	f.Helper()
	found, err := f.Function(f.Context(), helloName)
	f.no(err)
	return found
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	var got map[string]string
	runtime := fakeRuntime{invoke: func(s function.Spec, _ function.Request) function.Result {
		got = s.Secrets
		return function.Result{}
	}}
	f := newFixture(t, runtime)
	d := draft("x")
	d.UserData, d.Secrets = `{"user":"ada"}`, `{"password":"p4ss-marker","token":"t0ken-marker"}`
	made, err := f.Create(t.Context(), helloName, d)
	f.no(err)
	stored, err := f.store.FunctionByName(t.Context(), helloName)
	f.no(err)
	if text := string(stored.Latest.Config); strings.Contains(text, "marker") || !strings.Contains(text, "ada") {
		t.Errorf("stored is %s", text)
	}
	f.invoke(hello, "id")
	if got["password"] != "p4ss-marker" || len(got) != 2 {
		t.Errorf("the function got %v", got)
	}
	masked := made.Latest.MaskedSecrets()
	if masked != `{"password":"******","token":"******"}` {
		t.Errorf("masked is %s", masked)
	}
	// What comes back masked stays as it was.
	change := `{"password":"******","other":"o-marker"}`
	f.no(second(f.UpdateConfig(t.Context(), helloName, &change, func(*catalog.Properties) error { return nil })))
	f.invoke(hello, "id")
	if fmt.Sprint(got) != "map[other:o-marker password:p4ss-marker]" {
		t.Errorf("after the change the function got %v", got)
	}
	// Under another key nothing opens, and the call says so without telling.
	other := catalog.New("local", declaredNone{t}, f.store, secret.NewBox(f.key+"2"), runtime, slog.New(slog.DiscardHandler))
	result := other.Invoke(t.Context(), function.Request{Function: hello, Project: project, Timeout: 1})
	if result.Failure == nil || strings.Contains(result.Failure.Message, "marker") || !strings.Contains(result.Failure.Message, "does not have their key") {
		t.Errorf("under another key: got %+v", result)
	}
	// Secrets whose key is lost can be given anew, but not kept.
	if err := second(other.UpdateConfig(t.Context(), helloName, &change, func(*catalog.Properties) error { return nil })); err == nil {
		t.Error("a secret was kept that could not be opened")
	}
	anew := `{"password":"new-marker"}`
	f.no(second(other.UpdateConfig(t.Context(), helloName, &anew, func(*catalog.Properties) error { return nil })))
	if other.Invoke(t.Context(), function.Request{Function: hello, Project: project, Timeout: 1}); fmt.Sprint(got) != "map[password:new-marker]" {
		t.Errorf("given anew, the function got %v", got)
	}
}

// declaredNone are no declared functions.
type declaredNone struct{ *testing.T }

func (declaredNone) Declares(string, string) bool { return false }
func (declaredNone) CallsMax(string, string) int  { return 0 }
func (declaredNone) Invoke(context.Context, function.Request) function.Result {
	return function.Result{}
}
func (declaredNone) Endpoint(string, map[string]string) (function.Invoker, error) {
	return nil, errors.New("there is none")
}

func TestFunctionsThatAreElsewhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	d := catalog.Draft{Properties: catalog.Properties{Runtime: catalog.RuntimeHTTP, Timeout: 3, CodeType: catalog.CodeURL, CodeURL: "http://127.0.0.1:1/"}}
	d.UserData, d.Secrets = `{"X-Shop":"7"}`, `{"Authorization":"Bearer x"}`
	f.no(second(f.Create(t.Context(), helloName, d)))
	f.wantFailure(hello, function.FunctionStageUnavailable)
	d.CodeURL = "ftp://127.0.0.1/"
	f.wantKind(second(f.UpdateCode(t.Context(), helloName, d)), catalog.BadTarget)
	host := `{"Host":"x"}`
	f.wantKind(second(f.UpdateConfig(t.Context(), helloName, &host, func(*catalog.Properties) error { return nil })), catalog.BadTarget)
}

func TestWithoutARuntime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.create()
	f.wantFailure(hello, function.FunctionStageUnavailable)
}

func TestARuntimeMayRefuse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{check: func(s function.Spec) error {
		code, err := s.Code(t.Context())
		if err != nil || string(code) == "bad" || s.Handler == "bad" {
			return fmt.Errorf("unfit %v", err)
		}
		return nil
	}})
	f.wantKind(second(f.Create(t.Context(), helloName, draft("bad"))), catalog.Unfit)
	f.create()
	f.wantKind(second(f.UpdateCode(t.Context(), helloName, draft("bad"))), catalog.Unfit)
	f.wantKind(second(f.UpdateConfig(t.Context(), helloName, nil, func(p *catalog.Properties) error { p.Handler = "bad"; return nil })), catalog.Unfit)
	if v := mustFunction(f).Latest; v.Handler == "bad" {
		t.Errorf("stored is %+v", v)
	}
}

// Two who change the same at once both succeed, or one of them is told.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	interfered := false
	f.no(second(f.UpdateConfig(t.Context(), helloName, nil, func(p *catalog.Properties) error {
		if !interfered {
			interfered = true
			f.no(second(f.UpdateCode(t.Context(), helloName, draft("second"))))
		}
		p.Timeout = 9
		return nil
	})))
	v := mustFunction(f).Latest
	if code, err := f.Code(t.Context(), v); err != nil || string(code) != "second" || v.Timeout != 9 {
		t.Errorf("got %q, %v and %+v", code, err, v)
	}
}

func TestAsyncConfig(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	f.no(second(f.CreateAlias(t.Context(), helloName, "prod", catalog.Alias{Version: "latest"})))
	if got := mustFunction(f).AsyncFor(""); got != catalog.DefaultAsync {
		t.Errorf("got %+v", got)
	}
	f.no(second(f.SetAsync(t.Context(), helloName, "!prod", catalog.AsyncConfig{AgeMax: 60, RetriesMax: 3})))
	f.no(second(f.SetAsync(t.Context(), helloName, "", catalog.AsyncConfig{AgeMax: 70})))
	f.wantKind(second(f.SetAsync(t.Context(), helloName, "v1", catalog.AsyncConfig{})), catalog.NoVersion)
	f.wantKind(second(f.SetAsync(t.Context(), helloName, "!none", catalog.AsyncConfig{})), catalog.NoAlias)
	got := mustFunction(f)
	if got.AsyncFor("!prod").RetriesMax != 3 || got.AsyncFor("latest").AgeMax != 70 || got.AsyncFor("v1") != catalog.DefaultAsync {
		t.Errorf("got %+v", got.Async)
	}
	f.no(f.ResetAsync(t.Context(), helloName, "latest"))
	f.no(f.DeleteAlias(t.Context(), helloName, "prod"))
	if got := mustFunction(f); len(got.Async) != 0 {
		t.Errorf("left are %+v", got.Async)
	}
}

// full is a store whose project has a lot of code.
type full struct{ *memory.Store }

func (full) FunctionBytes(context.Context, string) (int64, error) { return 4<<30 - 3, nil }

func TestCodeOfAProjectIsBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fakeRuntime{})
	f.create()
	c := catalog.New("local", declaredNone{t}, full{f.store}, secret.NewBox(f.key), fakeRuntime{}, slog.New(slog.DiscardHandler))
	other := helloName
	other.Name = "other"
	f.wantKind(second(c.Create(t.Context(), other, draft("four"))), catalog.TooMuchCode)
	f.wantKind(second(c.UpdateCode(t.Context(), helloName, draft("four"))), catalog.TooMuchCode)
	f.no(second(c.UpdateCode(t.Context(), helloName, draft("3.."))))
}
