package storetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"heddle/internal/store"
)

// function makes a function of the project with a latest version, and with code
// if there is any.
func (f *fixture) function(name, code string) store.Function {
	f.Helper()
	made, err := f.store.CreateFunction(f.Context(), newFunction(name, code), codeOf(code))
	f.no(err)
	return made
}

func newFunction(name, code string) store.Function {
	return store.Function{
		FunctionName: store.FunctionName{Project: project, Package: "default", Name: name},
		CreatedAt:    1000,
		Settings:     store.Settings{Text: []byte("settings")},
		Latest:       version(store.VersionLatest, "config", code),
	}
}

func version(name, config, code string) store.FunctionVersion {
	return store.FunctionVersion{Version: name, ModifiedAt: 2000, Config: []byte(config), Digest: digestOf(code)}
}

// digestOf makes a digest; what it digests is not the store's business.
func digestOf(code string) string {
	if code == "" {
		return ""
	}
	return fmt.Sprintf("%d:%.8x", len(code), code)
}

func codeOf(code string) *store.Code {
	if code == "" {
		return nil
	}
	return &store.Code{Digest: digestOf(code), Body: []byte(code)}
}

// hasCode fails the test unless the code is there, or is not.
func (f *fixture) hasCode(code string, want bool) {
	f.Helper()
	body, err := f.store.FunctionCode(f.Context(), digestOf(code))
	if !want {
		f.want(err, store.ErrNotFound)
		return
	}
	f.no(err)
	if string(body) != code {
		f.Errorf("code of %d bytes, want %d", len(body), len(code))
	}
}

// same fails the test unless two functions or versions are alike.
func same[T any](f *fixture, got, want T) {
	f.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		f.Errorf("\n got %s\nwant %s", g, w)
	}
}

func testFindFunction(f *fixture) {
	made := f.function("resize", "code")
	want := newFunction("resize", "code")
	want.ID, want.Settings.Revision, want.Latest.Revision = made.ID, 1, made.Latest.Revision
	same(f, made, want)
	found, err := f.store.FunctionByName(f.Context(), made.FunctionName)
	f.no(err)
	same(f, found, want)
	latest, err := f.store.FunctionVersion(f.Context(), made.ID, store.VersionLatest)
	f.no(err)
	same(f, latest, want.Latest)
	f.hasCode("code", true)

	for _, name := range []store.FunctionName{
		{Project: project, Package: "default", Name: "Resize"},
		{Project: project, Package: "other", Name: "resize"},
		{Project: "another", Package: "default", Name: "resize"},
	} {
		_, err := f.store.FunctionByName(f.Context(), name)
		f.want(err, store.ErrNotFound)
	}
	_, err = f.store.FunctionVersion(f.Context(), made.ID, "v1")
	f.want(err, store.ErrNotFound)
	_, err = f.store.FunctionVersion(f.Context(), made.ID+1, store.VersionLatest)
	f.want(err, store.ErrNotFound)
}

func testFunctionExists(f *fixture) {
	f.function("resize", "")
	_, err := f.store.CreateFunction(f.Context(), newFunction("resize", "other"), codeOf("other"))
	f.want(err, store.ErrExists)
	f.hasCode("other", false)
	other := newFunction("resize", "")
	other.Project = "another"
	_, err = f.store.CreateFunction(f.Context(), other, nil)
	f.no(err)
	f.function("Resize", "")
}

func testUpdateLatest(f *fixture) {
	made := f.function("resize", "first")
	revision, err := f.store.UpdateLatest(f.Context(), made.ID, made.Latest.Revision, version(store.VersionLatest, "config 2", "second"), codeOf("second"))
	f.no(err)
	if revision <= made.Latest.Revision {
		f.Errorf("revision %d after %d", revision, made.Latest.Revision)
	}
	f.hasCode("first", false)
	f.hasCode("second", true)

	_, err = f.store.UpdateLatest(f.Context(), made.ID, made.Latest.Revision, version(store.VersionLatest, "late", "third"), codeOf("third"))
	f.want(err, store.ErrStale)
	f.hasCode("third", false)
	last, err := f.store.UpdateLatest(f.Context(), made.ID, revision, version(store.VersionLatest, "config 3", "second"), nil)
	f.no(err)
	f.hasCode("second", true)
	found, err := f.store.FunctionByName(f.Context(), made.FunctionName)
	f.no(err)
	want := version(store.VersionLatest, "config 3", "second")
	want.Revision = last
	same(f, found.Latest, want)
	_, err = f.store.UpdateLatest(f.Context(), made.ID+1, 1, want, nil)
	f.want(err, store.ErrNotFound)
}

func testSettings(f *fixture) {
	made := f.function("resize", "")
	revision, err := f.store.ChangeSettings(f.Context(), made.ID, 1, []byte("new"))
	f.no(err)
	_, err = f.store.ChangeSettings(f.Context(), made.ID, 1, []byte("late"))
	f.want(err, store.ErrStale)
	found, err := f.store.FunctionByName(f.Context(), made.FunctionName)
	f.no(err)
	same(f, found.Settings, store.Settings{Revision: revision, Text: []byte("new")})
	_, err = f.store.ChangeSettings(f.Context(), made.ID+1, 1, nil)
	f.want(err, store.ErrNotFound)
}

func testPublish(f *fixture) {
	made := f.function("resize", "first")
	first, err := f.store.PublishVersion(f.Context(), made.ID, made.Latest.Revision, version("v1", "as published", "first"))
	f.no(err)
	_, err = f.store.PublishVersion(f.Context(), made.ID, made.Latest.Revision, version("v1", "again", "first"))
	f.want(err, store.ErrExists)
	from, err := f.store.UpdateLatest(f.Context(), made.ID, made.Latest.Revision, version(store.VersionLatest, "c", "second"), codeOf("second"))
	f.no(err)
	f.hasCode("first", true) // a published version has it still
	_, err = f.store.PublishVersion(f.Context(), made.ID, made.Latest.Revision, version("v2", "late", "first"))
	f.want(err, store.ErrStale)
	_, err = f.store.PublishVersion(f.Context(), made.ID, from, version("v2", "c", "second"))
	f.no(err)

	published, err := f.store.FunctionVersion(f.Context(), made.ID, "v1")
	f.no(err)
	want := version("v1", "as published", "first")
	want.Revision = first
	same(f, published, want)
	if n, err := f.store.FunctionBytes(f.Context(), project); err != nil || n != int64(len("first")+2*len("second")) {
		f.Errorf("%d bytes of code, %v", n, err)
	}

	f.versions(made.ID, store.Page{Limit: 10}, 3, "latest", "v2", "v1")
	f.versions(made.ID, store.Page{Limit: 1, Offset: 1}, 3, "v2")
	f.versions(made.ID, store.Page{Limit: 1, Offset: 3}, 3)

	f.want(f.store.DeleteFunctionVersion(f.Context(), made.ID, 2, "v1"), store.ErrStale)
	f.want(f.store.DeleteFunctionVersion(f.Context(), made.ID, 1, "v3"), store.ErrNotFound)
	f.want(f.store.DeleteFunctionVersion(f.Context(), made.ID, 1, store.VersionLatest), store.ErrNotFound)
	f.no(f.store.DeleteFunctionVersion(f.Context(), made.ID, 1, "v1"))
	f.hasCode("first", false)
	f.no(f.store.DeleteFunctionVersion(f.Context(), made.ID, 1, "v2"))
	f.hasCode("second", true) // the latest has it still
	f.versions(made.ID, store.Page{Limit: 10}, 1, "latest")
}

// versions fails the test unless a page of a function's versions has the names.
func (f *fixture) versions(id store.FunctionID, page store.Page, count int64, want ...string) {
	f.Helper()
	versions, n, err := f.store.ListFunctionVersions(f.Context(), id, page)
	f.no(err)
	var names []string
	for _, v := range versions {
		names = append(names, v.Version)
	}
	if n != count || !slices.Equal(names, want) {
		f.Errorf("got %d versions and %q, want %d and %q", n, names, count, want)
	}
}

func testVersionConfigs(f *fixture) {
	one, two := f.function("one", ""), f.function("two", "")
	published, err := f.store.PublishVersion(f.Context(), one.ID, one.Latest.Revision, version("v1", "as published", ""))
	f.no(err)
	gone := f.function("gone", "")
	f.no(f.store.DeleteFunction(f.Context(), gone.ID))
	config := func(fn store.Function, revision store.FunctionRevision, text string) store.VersionConfig {
		return store.VersionConfig{FunctionName: fn.FunctionName, Revision: revision, Config: []byte(text)}
	}
	list := func(after store.FunctionRevision, limit int, want ...store.VersionConfig) {
		f.Helper()
		got, err := f.store.VersionConfigs(f.Context(), after, limit)
		f.no(err)
		same(f, got, want)
	}
	first := config(one, one.Latest.Revision, string(one.Latest.Config))
	second := config(two, two.Latest.Revision, string(two.Latest.Config))
	list(0, 2, first, second)
	list(two.Latest.Revision, 2, config(one, published, "as published"))

	f.want(f.store.RewriteConfig(f.Context(), published, []byte("something else"), []byte("x")), store.ErrNotFound)
	f.want(f.store.RewriteConfig(f.Context(), published+100, []byte("as published"), []byte("x")), store.ErrNotFound)
	f.no(f.store.RewriteConfig(f.Context(), published, []byte("as published"), []byte("rewritten")))
	list(two.Latest.Revision, 2, config(one, published, "rewritten"))
	list(0, 1, first)
	got, err := f.store.FunctionVersion(f.Context(), one.ID, "v1")
	f.no(err)
	if got.Revision != published || string(got.Config) != "rewritten" {
		f.Errorf("revision %d, %s", got.Revision, got.Config)
	}
}

func testDeleteFunction(f *fixture) {
	kept := f.function("kept", "shared")
	made := f.function("resize", "shared")
	f.no(second(f.store.PublishVersion(f.Context(), made.ID, made.Latest.Revision, version("v1", "c", "shared"))))
	from, err := f.store.UpdateLatest(f.Context(), made.ID, made.Latest.Revision, version(store.VersionLatest, "c", "own"), codeOf("own"))
	f.no(err)
	f.no(f.store.DeleteFunction(f.Context(), made.ID))

	f.hasCode("own", false)
	f.hasCode("shared", true)
	_, err = f.store.FunctionByName(f.Context(), made.FunctionName)
	f.want(err, store.ErrNotFound)
	_, err = f.store.FunctionVersion(f.Context(), made.ID, "v1")
	f.want(err, store.ErrNotFound)
	f.want(f.store.DeleteFunction(f.Context(), made.ID), store.ErrNotFound)
	_, err = f.store.ChangeSettings(f.Context(), made.ID, 1, nil)
	f.want(err, store.ErrNotFound)
	_, err = f.store.UpdateLatest(f.Context(), made.ID, from, version(store.VersionLatest, "c", ""), nil)
	f.want(err, store.ErrNotFound)
	f.functions(store.FunctionFilter{Project: project}, store.Page{Limit: 10}, 1, "kept")

	again := f.function("resize", "")
	if again.ID == made.ID || again.Latest.Revision <= from {
		f.Errorf("function %d, revision %d, after %d, %d", again.ID, again.Latest.Revision, made.ID, from)
	}
	f.no(f.store.DeleteFunction(f.Context(), kept.ID))
	f.hasCode("shared", false)
}

// second returns the error of a call with one result more.
func second[T any](_ T, err error) error { return err }

// functions fails the test unless a page of the functions has the names.
func (f *fixture) functions(filter store.FunctionFilter, page store.Page, count int64, want ...string) {
	f.Helper()
	functions, n, err := f.store.ListFunctions(f.Context(), filter, page)
	f.no(err)
	var names []string
	for _, one := range functions {
		names = append(names, one.Name)
	}
	if n != count || !slices.Equal(names, want) {
		f.Errorf("%+v %+v: got %d functions and %q, want %d and %q", filter, page, n, names, count, want)
	}
}

func testListFunctions(f *fixture) {
	for _, name := range []string{"resize", "rename", "Resize", "a_b", "a%b"} {
		f.function(name, "")
	}
	other := newFunction("resize", "")
	other.Package = "images"
	f.no(second(f.store.CreateFunction(f.Context(), other, nil)))

	all := store.FunctionFilter{Project: project}
	f.functions(all, store.Page{Limit: 10}, 6, "resize", "rename", "Resize", "a_b", "a%b", "resize")
	f.functions(all, store.Page{Limit: 2, Offset: 1}, 6, "rename", "Resize")
	f.functions(all, store.Page{Limit: 2, Offset: 6}, 6)
	f.functions(store.FunctionFilter{Project: project, Package: "images"}, store.Page{Limit: 10}, 1, "resize")
	f.functions(store.FunctionFilter{Project: project, NamePrefix: "re"}, store.Page{Limit: 10}, 3, "resize", "rename", "resize")
	f.functions(store.FunctionFilter{Project: project, NamePrefix: "a_"}, store.Page{Limit: 10}, 1, "a_b")
	f.functions(store.FunctionFilter{Project: "another"}, store.Page{Limit: 10}, 0)
}

func testLargeCode(f *fixture) {
	code := string(bytes.Repeat([]byte("\x00\xff0123456789abcd"), 1<<20)) // 16 MiB
	f.function("large", code)
	f.hasCode(code, true)
}

func testFunctionsSurvive(f *fixture) {
	made := f.function("resize", "code")
	f.no(second(f.store.PublishVersion(f.Context(), made.ID, made.Latest.Revision, version("v1", "c", "code"))))
	f.reopen()
	found, err := f.store.FunctionByName(f.Context(), made.FunctionName)
	f.no(err)
	same(f, found, made)
	f.hasCode("code", true)
	f.versions(made.ID, store.Page{Limit: 10}, 2, "latest", "v1")
}

func testFunctionContext(f *fixture) {
	ctx := cancelled()
	fn := f.function("resize", "code")

	var err error
	for name, call := range map[string]func(){
		"CreateFunction":        func() { _, err = f.store.CreateFunction(ctx, newFunction("new", ""), nil) },
		"FunctionByName":        func() { _, err = f.store.FunctionByName(ctx, fn.FunctionName) },
		"ListFunctions":         func() { _, _, err = f.store.ListFunctions(ctx, store.FunctionFilter{Project: project}, store.Page{}) },
		"ChangeSettings":        func() { _, err = f.store.ChangeSettings(ctx, fn.ID, 1, nil) },
		"DeleteFunction":        func() { err = f.store.DeleteFunction(ctx, fn.ID) },
		"UpdateLatest":          func() { _, err = f.store.UpdateLatest(ctx, fn.ID, fn.Latest.Revision, fn.Latest, nil) },
		"PublishVersion":        func() { _, err = f.store.PublishVersion(ctx, fn.ID, fn.Latest.Revision, version("v1", "", "")) },
		"FunctionVersion":       func() { _, err = f.store.FunctionVersion(ctx, fn.ID, store.VersionLatest) },
		"ListFunctionVersions":  func() { _, _, err = f.store.ListFunctionVersions(ctx, fn.ID, store.Page{}) },
		"DeleteFunctionVersion": func() { err = f.store.DeleteFunctionVersion(ctx, fn.ID, 1, "v1") },
		"VersionConfigs":        func() { _, err = f.store.VersionConfigs(ctx, 0, 1) },
		"RewriteConfig":         func() { err = f.store.RewriteConfig(ctx, fn.Latest.Revision, nil, nil) },
		"FunctionCode":          func() { _, err = f.store.FunctionCode(ctx, digestOf("code")) },
		"FunctionBytes":         func() { _, err = f.store.FunctionBytes(ctx, project) },
		"AddInvocation":         func() { err = f.store.AddInvocation(ctx, invocation(fn.ID, 1, 1), 10) },
		"ClaimInvocations":      func() { _, err = f.store.ClaimInvocations(ctx, store.Claim{Node: "node", Now: 1, Until: 2, Limit: 1}) },
		"KeepInvocations":       func() { err = f.store.KeepInvocations(ctx, "node", nil, 2) },
		"ReleaseInvocations":    func() { _, err = f.store.ReleaseInvocations(ctx, "node", 1) },
		"SettleInvocations":     func() { err = f.store.SettleInvocations(ctx, nil) },
		"NextInvocation":        func() { _, _, err = f.store.NextInvocation(ctx, nil) },
		"ListInvocations": func() {
			_, _, err = f.store.ListInvocations(ctx, store.InvocationFilter{Function: fn.ID}, store.Page{})
		},
		"ExpireInvocations": func() { _, err = f.store.ExpireInvocations(ctx, 1, 1) },
	} {
		err = nil
		call()
		f.Log(name)
		f.want(err, context.Canceled)
	}

	found, err := f.store.FunctionByName(f.Context(), fn.FunctionName)
	f.no(err)
	same(f, found, fn)
	f.functions(store.FunctionFilter{Project: project}, store.Page{Limit: 10}, 1, "resize")
	f.nextInvocation(0)
}
