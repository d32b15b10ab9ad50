package audit_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"heddle/internal/audit"
)

// chain returns the records of a log.
func chain(entries ...audit.Entry) (records []audit.Record) {
	var tip audit.Tip
	for _, e := range entries {
		r := tip.Next(e)
		records, tip = append(records, r), r.Tip()
	}
	return records
}

// A hash that somebody has written down must be the same in every version.
func TestHash(t *testing.T) {
	t.Parallel()
	log := chain(audit.Entry{
		At: 1_764_000_000_123, Stage: audit.Done, Of: 6, Action: "graph.create", User: "grace", Access: "AK", Project: "demo",
		Object: "urn:fgs:local:demo:graph:nap", Detail: "revision=1", Address: "127.0.0.1", Request: "r", Status: 200, Code: "", Left: 2,
	})
	const want = "70b1a7c2145934eb5ca8f4e4f2fcf6aee642163141eef0f59d8e8a7e45c1b83d"
	if got := hex.EncodeToString(log[0].Hash[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever is changed about a log shows, and where.
func TestFollow(t *testing.T) {
	t.Parallel()
	log := chain(audit.Entry{User: "ada"}, audit.Entry{User: "bob"}, audit.Entry{User: "cid"}, audit.Entry{User: "dan"})
	if tip, err := (audit.Tip{}).Follow(log...); err != nil || tip != log[3].Tip() {
		t.Fatalf("got %+v, %v", tip, err)
	}
	if tip, err := log[1].Tip().Follow(log[2:]...); err != nil || tip != log[3].Tip() {
		t.Errorf("from the middle: got %+v, %v", tip, err)
	}
	for name, c := range map[string]struct {
		change func(log []audit.Record) []audit.Record
		number int64
		want   string
	}{
		"changed": {func(l []audit.Record) []audit.Record { l[1].User = "eve"; return l }, 2, "not as it was entered"},
		"changed and hashed": {func(l []audit.Record) []audit.Record {
			e := l[1].Entry
			e.User = "eve"
			l[1] = l[0].Tip().Next(e)
			return l
		}, 3, "not as it was entered"},
		"removed":   {func(l []audit.Record) []audit.Record { return slices.Delete(l, 1, 2) }, 2, "is missing"},
		"added":     {func(l []audit.Record) []audit.Record { return slices.Insert(l, 2, l[1]) }, 2, "stands after record 2"},
		"swapped":   {func(l []audit.Record) []audit.Record { l[1].Entry, l[2].Entry = l[2].Entry, l[1].Entry; return l }, 2, "not as it was entered"},
		"the first": {func(l []audit.Record) []audit.Record { return l[1:] }, 1, "is missing"},
	} {
		_, err := (audit.Tip{}).Follow(c.change(slices.Clone(log))...)
		var broken *audit.Broken
		if !errors.As(err, &broken) || broken.Number != c.number || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want record %d, %q", name, err, c.number, c.want)
		}
	}
}

// Two entries whose texts make the same row of characters are told apart.
func TestFieldsAreApart(t *testing.T) {
	t.Parallel()
	one, other := chain(audit.Entry{User: "ab", Access: "c"}), chain(audit.Entry{User: "a", Access: "bc"})
	if one[0].Hash == other[0].Hash {
		t.Error("they have the same hash")
	}
}
