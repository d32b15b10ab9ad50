package api

import (
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"
)

// pageMax bounds start and limit, as the published API does. What lies
// further back is reached with marker.
const (
	pageMax      = 1000
	limitDefault = 10
)

// query is the query string of a list call. An empty value counts as absent.
type query struct {
	values url.Values
}

func (r *request) query() (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return query{}, refuse(codeQuery, "the query string cannot be read: %v", err)
	}
	for name, given := range values {
		switch {
		case len(given) > 1:
			return query{}, refuse(codeQuery, "the query parameter %q is given %d times", name, len(given))
		case !utf8.ValidString(given[0]):
			return query{}, refuse(codeQuery, "the query parameter %q is not UTF-8", name)
		}
	}
	return query{values}, nil
}

func (q query) text(name string) string { return q.values.Get(name) }

// any reports whether one of the named parameters is given.
func (q query) any(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return q.text(name) != "" })
}

// exclusive refuses more than one of the named filters.
func (q query) exclusive(names ...string) error {
	first := ""
	for _, name := range names {
		switch {
		case q.text(name) == "":
		case first != "":
			return refuse(codeQuery, "%s and %s exclude each other", first, name)
		default:
			first = name
		}
	}
	return nil
}

// page is the part of a list that a call asks for.
type page struct {
	start     int // position of the first item, from 1
	limit     int
	ascending bool
	marker    string // where the page before ended; "" if start counts
}

// page reads the paging. The codes are those of a bad start and a bad limit.
func (q query) page(codeStart, codeLimit string) (page, error) {
	var p page
	var err error
	if p.start, err = q.number("start", 1, codeStart); err != nil {
		return page{}, err
	}
	if p.limit, err = q.number("limit", limitDefault, codeLimit); err != nil {
		return page{}, err
	}
	p.marker = q.text("marker")
	if p.marker != "" && q.text("start") != "" {
		return page{}, refuse(codeQuery, "start and marker exclude each other")
	}
	switch order := q.text("order"); order {
	case "", "desc":
	case "asc":
		p.ascending = true
	default:
		return page{}, refuse(codeQuery, "order must be asc or desc, not %q", order)
	}
	return p, nil
}

func (q query) number(name string, absent int, code string) (int, error) {
	text := q.text(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > pageMax {
		return 0, refuse(code, "%s must be a whole number from 1 to %d, not %q", name, pageMax, text)
	}
	return n, nil
}

func refuseMarker(marker string) error {
	return refuse(codeQuery, "marker %q is none that this list has given", marker)
}
