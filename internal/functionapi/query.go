package functionapi

import (
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// query is the query string of a call. An empty value counts as absent, and
// names that the call does not know are ignored.
type query struct{ values url.Values }

func (r *request) query() (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return query{}, refuse(codeQuery, "the query string cannot be read: %v", err)
	}
	for name, given := range values {
		switch {
		case len(given) > 1:
			return query{}, refuse(codeQuery, "%q is given %d times", name, len(given))
		case !utf8.ValidString(given[0]):
			return query{}, refuse(codeQuery, "%q is not UTF-8", name)
		}
	}
	return query{values}, nil
}

func (q query) text(name string) string { return q.values.Get(name) }

// page reads which part of a list is asked for. The marker is a position; a size
// beyond the greatest counts as that.
func (q query) page(size string, usual, greatest int) (store.Page, error) {
	offset, err := q.number("marker", 0)
	if err != nil {
		return store.Page{}, err
	}
	limit, err := q.number(size, usual)
	if err != nil {
		return store.Page{}, err
	}
	if limit == 0 {
		limit = usual
	}
	return store.Page{Offset: offset, Limit: min(limit, greatest)}, nil
}

func (q query) number(name string, absent int) (int, error) {
	text := q.text(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, refuse(codeQuery, "%s must be a whole number from 0, not %q", name, text)
	}
	return int(n), nil
}

// nextMarker returns where the next page begins; 0 says that there is none.
func nextMarker(page store.Page, shown int, count int64) int64 {
	next := int64(page.Offset + shown)
	if shown == 0 || next >= count {
		return 0
	}
	return next
}

// timeForms are those in which the SDKs and people write moments, which are all
// UTC unless they say otherwise.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

// moment reads a time; 0 is absent.
func (q query) moment(name string) (journal.Millis, error) {
	text := q.text(name)
	if text == "" {
		return 0, nil
	}
	for _, form := range timeForms {
		if at, err := time.Parse(form, text); err == nil {
			return journal.Millis(at.UnixMilli()), nil
		}
	}
	return 0, refuse(codeQuery, "%s must be a time in UTC such as 2026-11-22T21:57:26Z, not %q", name, text)
}

// choice reads a text that must be one of some; "" is absent.
func (q query) choice(name string, from ...string) (string, error) {
	text := q.text(name)
	if text != "" && !slices.Contains(from, text) {
		return "", refuse(codeQuery, "%s must be one of %q, not %q", name, from, text)
	}
	return text, nil
}

// timeText shows a moment as the API does everywhere: UTC, whole seconds.
func timeText(at journal.Millis) string {
	return time.UnixMilli(int64(at)).UTC().Format("2006-01-02T15:04:05Z")
}

func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }

func millis(d time.Duration) journal.Millis { return journal.Millis(d.Milliseconds()) }
