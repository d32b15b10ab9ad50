package client_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"heddle/internal/client"
)

// graphPages serves total graphs, at most pageMax at a time, with the position
// of the last one as marker.
func graphPages(total, pageMax int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		after, _ := strconv.Atoi(r.URL.Query().Get("marker"))
		answer := map[string]any{"count": total}
		graphs := []client.GraphItem{}
		last := min(after+min(limit, pageMax), total)
		for i := after + 1; i <= last; i++ {
			graphs = append(graphs, client.GraphItem{Name: strconv.Itoa(i)})
		}
		if last < total {
			answer["next_marker"] = strconv.Itoa(last)
		}
		answer["graphs"] = graphs
		json.NewEncoder(w).Encode(answer)
	}
}

func TestListCollectsPages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		total, page, limit   int
		wantItems, wantCalls int
	}{
		{"nothing there", 0, 1000, 20, 0, 1},
		{"all on one page", 3, 1000, 20, 3, 1},
		{"exactly the limit", 20, 1000, 20, 20, 1},
		{"fewer than there are", 21, 1000, 20, 20, 1},
		{"more than a page", 2500, 1000, 2001, 2001, 3},
		{"small pages", 7, 2, 20, 7, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			calls, serve := 0, graphPages(test.total, test.page)
			c := newClientInProcess(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				serve(w, r)
			})
			got, err := c.Graphs(t.Context(), client.ListQuery{Limit: test.limit})
			if err != nil {
				t.Fatal(err)
			}
			if got.Count != test.total || len(got.Graphs) != test.wantItems || calls != test.wantCalls {
				t.Errorf("got %d of %d in %d calls, want %d of %d in %d", len(got.Graphs), got.Count, calls, test.wantItems, test.total, test.wantCalls)
			}
			inOrder := slices.IsSortedFunc(got.Graphs, func(a, b client.GraphItem) int {
				i, _ := strconv.Atoi(a.Name)
				j, _ := strconv.Atoi(b.Name)
				return i - j
			})
			if !inOrder {
				t.Error("the items are out of order")
			}
		})
	}
}
