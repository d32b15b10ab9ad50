package house_test

import (
	"strings"
	"testing"
)

// TestRulesBite shows each rule a source that breaks it, and one beside it that
// does not.
func TestRulesBite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, text string
		want       string // in the one problem; none if empty
	}{
		"room":                {"internal/urn/a.go", `package urn`, ""},
		"no row":              {"internal/util/a.go", `package util`, "internal/util/a.go:1:9: the package has no row"},
		"no row, below a row": {"internal/urn/deep/a.go", `package deep`, "has no row"},
		"no row, a command":   {"cmd/other/main.go", `package main`, "has no row"},
		"no row, a test":      {"internal/util/a_test.go", `package util`, "has no row"},
		"outside the table":   {"examples/a.go", `package examples; import _ "heddle/internal/urn"`, ""},

		"allowed import":     {"internal/definition/a.go", `package definition; import _ "heddle/internal/urn"`, ""},
		"import upward":      {"internal/definition/a.go", `package definition; import _ "heddle/internal/machine"`, "internal/definition may not import internal/machine"},
		"import of sqlite":   {"internal/engine/a.go", `package engine; import _ "heddle/internal/store/sqlite"`, "may not import internal/store/sqlite"},
		"import of memory":   {"internal/server/a.go", `package server; import _ "heddle/internal/store/memory"`, "may not import"},
		"import by a test":   {"internal/engine/a_test.go", `package engine_test; import _ "heddle/internal/store/memory"`, ""},
		"import of a module": {"internal/store/sqlite/a.go", `package sqlite; import _ "example.com/driver"`, ""},

		"impure import":            {"internal/machine/a.go", `package machine; import "os"; var _ = os.Args`, "a pure room does not import os"},
		"impure import below":      {"internal/payload/a.go", `package payload; import _ "sync/atomic"`, "does not import sync/atomic"},
		"impure import, renamed":   {"internal/journal/a.go", `package journal; import chance "math/rand/v2"; var _ = chance.Int()`, "does not import math/rand/v2"},
		"impure import elsewhere":  {"internal/engine/a.go", `package engine; import _ "os"`, ""},
		"like an impure import":    {"internal/payload/a.go", `package payload; import _ "example.com/os"`, ""},
		"network in a pure test":   {"internal/urn/a_test.go", `package urn_test; import _ "net/http/httptest"`, "the tests of a pure room do not import net/http/httptest"},
		"SQL in a pure test":       {"internal/urn/a_test.go", `package urn_test; import _ "database/sql"`, "do not import database/sql"},
		"file in a pure test":      {"internal/urn/a_test.go", `package urn_test; import _ "os"`, ""},
		"network in another test":  {"internal/api/a_test.go", `package api_test; import _ "net/http/httptest"`, ""},
		"goroutine":                {"internal/machine/a.go", `package machine; func f() { go f() }`, "starts no goroutine"},
		"goroutine in a pure test": {"internal/machine/a_test.go", `package machine; func f() { go f() }`, ""},
		"goroutine elsewhere":      {"internal/engine/a.go", `package engine; func f() { go f() }`, ""},
		"clock":                    {"internal/machine/a.go", `package machine; import "time"; var _ = time.Now()`, "does not call time.Now"},
		"clock, renamed":           {"internal/machine/a.go", `package machine; import t "time"; var _ = t.Since`, "does not call time.Since"},
		"timer":                    {"internal/machine/a.go", `package machine; import "time"; var _ = time.NewTimer(1)`, "does not call time.NewTimer"},
		"clock elsewhere":          {"internal/engine/a.go", `package engine; import "time"; var _ = time.Now()`, ""},
		"time without clock":       {"internal/machine/a.go", `package machine; import "time"; const _ = time.Second`, ""},
		"another Now":              {"internal/machine/a.go", `package machine; func f(in input) { _ = in.Now }`, ""},

		"dot": {"internal/engine/a.go", `package engine; import . "time"; var _ = Now()`, "the dot hides"},

		"testing":              {"internal/engine/a.go", `package engine; import _ "testing"`, "only tests and internal/exchange/pagetest, internal/store/storetest import testing"},
		"testing, below":       {"examples/a.go", `package examples; import _ "testing/fstest"`, "only tests"},
		"testing in storetest": {"internal/store/storetest/a.go", `package storetest; import _ "testing"`, ""},
		"testing in a test":    {"internal/engine/a_test.go", `package engine_test; import _ "testing"`, ""},

		"default client":            {"internal/client/a.go", `package client; import "net/http"; var _ = http.DefaultClient`, "http.DefaultClient stands on"},
		"default client, renamed":   {"internal/client/a.go", `package client; import web "net/http"; var _ = web.Get`, "http.Get stands on"},
		"default client in a test":  {"internal/api/a_test.go", `package api_test; import "net/http"; var _, _ = http.Get("")`, "http.Get stands on"},
		"default client outside":    {"examples/a.go", `package examples; import "net/http"; var _ = http.Post`, "http.Post stands on"},
		"default routes":            {"internal/api/a.go", `package api; import "net/http"; func f() { http.Handle("/", nil) }`, "http.Handle stands on"},
		"secrets, compared":         {"internal/identity/a.go", `package identity; var _ = given == c.secret`, "== compares secrets"},
		"secrets, part of a map":    {"internal/identity/signature/a.go", `package signature; var _ = values["Signature"] != want`, "!= compares secrets"},
		"secrets, by bytes":         {"internal/callback/a.go", `package callback; import b "bytes"; var _ = b.Equal(x, y)`, "b.Equal compares secrets"},
		"secrets, in constant time": {"internal/identity/a.go", `package identity; import "crypto/hmac"; var _ = hmac.Equal(x, y)`, ""},
		"no secret":                 {"internal/identity/a.go", `package identity; var _ = hash == "" || token == nil || name == other`, ""},
		"secrets in a test":         {"internal/identity/a_test.go", `package identity_test; var _ = given == c.secret`, ""},

		"client of its own": {"internal/client/a.go", `package client; import "net/http"; var _ = http.Client{}.Get`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := parseSource(c.path, c.text)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(s.problems(), "\n")
			if c.want == "" && got != "" {
				t.Errorf("problems:\n%s\nwant none", got)
			}
			if !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
				t.Errorf("problems:\n%s\nwant one with\n%s", got, c.want)
			}
		})
	}
}
