package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// ListQuery says which items of a list are asked for.
type ListQuery struct {
	Prefix string // of the name; empty: all
	Limit  int    // the newest so many, over as many pages as it takes
}

// pageMax is the largest page that the API gives.
const pageMax = 1000

// page is one answer of a list call. An empty next marks the last page.
type page[T any] struct {
	count int // items that match, on all pages
	items []T
	next  string // marker of the page after this one
}

// collect gathers up to limit items from page after page. The items are never
// nil, so that an empty list is written as one.
func collect[T any](limit int, fetch func(marker string, limit int) (page[T], error)) (count int, items []T, err error) {
	items = []T{}
	for marker := ""; ; {
		p, err := fetch(marker, min(limit-len(items), pageMax))
		if err != nil {
			return 0, nil, err
		}
		items = append(items, p.items...)
		if p.next == "" || p.next == marker || len(items) >= limit {
			return p.count, items, nil
		}
		marker = p.next
	}
}

func listQuery(prefix, marker string, limit int) url.Values {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if prefix != "" {
		q.Set("name", prefix)
	}
	if marker != "" {
		q.Set("marker", marker)
	}
	return q
}

// get reads what stands at the path; reading may always be repeated.
func (c *Client) get(ctx context.Context, answer any, query url.Values, path ...string) error {
	return c.do(ctx, call{method: http.MethodGet, path: path, query: query, answer: answer, repeatable: true})
}
