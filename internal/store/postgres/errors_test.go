package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"heddle/internal/store"
)

func TestErrorsByCode(t *testing.T) {
	t.Parallel()
	state := func(code string) error { return fmt.Errorf("commit: %w", &pgconn.PgError{Code: code}) }
	for _, test := range []struct {
		err         error
		repeatable  bool
		unavailable bool
	}{
		{state("40001"), true, true},
		{state("40P01"), true, true},
		{errRaced, true, true},
		{fmt.Errorf("%w: %w", errUnconnected, ErrUnsafe), false, true},
		{fmt.Errorf("%w: %w", errLost, io.EOF), true, true},
		{fmt.Errorf("%w: %w", errLost, state("57P01")), true, true},
		{state("08006"), false, true},
		{state("53100"), false, true},
		{state("53300"), false, true},
		{state("55P03"), false, true},
		{state("57014"), false, true},
		{state("57P01"), false, true},
		{state("57P02"), false, true},
		{state("57P03"), false, true},
		{state("25006"), false, true},
		{&pgconn.ConnectError{}, false, true},
		{state("23505"), false, false},
		{state("23514"), false, false},
		{state("42P01"), false, false},
		{state("57000"), false, true},
		{state("58P01"), false, true},
		{store.ErrNotFound, false, false},
		{context.Canceled, false, false},
		{fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, state("57P01")), false, false},
		{fmt.Errorf("%w: %w", store.ErrOutcomeUnknown, state("40001")), false, false},
	} {
		if got := repeatable(test.err); got != test.repeatable {
			t.Errorf("%v: repeatable is %v", test.err, got)
		}
		classified := classify(test.err)
		if got := errors.Is(classified, store.ErrUnavailable); got != test.unavailable {
			t.Errorf("%v: unavailable is %v", test.err, got)
		}
		if !errors.Is(classified, test.err) {
			t.Errorf("%v is lost in %v", test.err, classified)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := settings{version: 15_00_00, fsync: "on", synchronousCommit: "on", encoding: "UTF8"}
	for name, test := range map[string]struct {
		change func(*settings)
		want   error
	}{
		"as needed":           {func(*settings) {}, nil},
		"a later version":     {func(s *settings) { s.version = 18_00_01 }, nil},
		"waiting for standby": {func(s *settings) { s.synchronousCommit = "remote_apply" }, nil},
		"an earlier version":  {func(s *settings) { s.version = 14_00_22 }, ErrUnsafe},
		"no fsync":            {func(s *settings) { s.fsync = "off" }, ErrUnsafe},
		"no waiting":          {func(s *settings) { s.synchronousCommit = "off" }, ErrUnsafe},
		"another encoding":    {func(s *settings) { s.encoding = "LATIN1" }, ErrUnsafe},
	} {
		has := good
		test.change(&has)
		if err := has.check(); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

func TestPrefixEnd(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"a":                 "b",
		"ab":                "ac",
		"分":                 "切",
		"\x7f":              "\u0080",
		"\ud7ff":            "\ue000",
		"\uffff":            "\U00010000",
		"a\U0010ffff":       "b",
		"ab\U0010fffe":      "ab\U0010ffff",
		"a\u07ff\U0010ffff": "a\u0800",
	} {
		if got := prefixEnd(prefix); got != want {
			t.Errorf("prefixEnd(%q) is %q, want %q", prefix, got, want)
		}
	}
	if end := prefixEnd("\U0010ffff"); end <= "\U0010ffff\U0010ffff\U0010ffff" {
		t.Errorf("what follows all names is %q", end)
	}
}
