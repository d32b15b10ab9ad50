package block_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/block"
)

// placed is an execution that a list is about, in its block.
type placed struct {
	id    store.ExecutionID
	block int64
}

// someBlocks makes blocks whose ids overlap more or less, some without bounds
// and some without anything.
func someBlocks(r *rand.Rand) (blocks []block.Block, all []placed) {
	spread := 1 + r.IntN(40)
	used := map[int]bool{}
	for number := range int64(r.IntN(12)) {
		b := block.Block{Number: number, Matches: int64(r.IntN(8))}
		var ids []store.ExecutionID
		for range b.Matches {
			n := int(number)*10 + r.IntN(spread)
			for used[n] {
				n++
			}
			used[n] = true
			ids = append(ids, idOf(n))
			all = append(all, placed{idOf(n), number})
		}
		if len(ids) > 0 {
			b.First, b.Last = slices.MinFunc(ids, compare), slices.MaxFunc(ids, compare)
		}
		if r.IntN(4) == 0 { // bounds may be wide
			b.First, b.Last = idOf(0), idOf(1000)
		}
		blocks = append(blocks, b)
	}
	return blocks, all
}

func idOf(n int) (id store.ExecutionID) {
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return id
}

func compare(a, b store.ExecutionID) int { return bytes.Compare(a[:], b[:]) }

// cut returns a page of a list, whatever the blocks.
func cut(all []placed, page store.Page, offset int) []placed {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b placed) int {
		if page.Ascending {
			return compare(a.id, b.id)
		}
		return compare(b.id, a.id)
	})
	if cursor := page.AfterExecution; cursor != nil {
		all = slices.DeleteFunc(all, func(p placed) bool {
			return p.id == *cursor || compare(p.id, *cursor) < 0 == page.Ascending
		})
	}
	from := min(offset, len(all))
	return all[from:min(from+page.Limit, len(all))]
}

func TestPartHasThePage(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		blocks, all := someBlocks(r)
		page := store.Page{Limit: r.IntN(6), Ascending: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			page.Offset = r.IntN(60)
		} else {
			cursor := idOf(r.IntN(120))
			page.AfterExecution = &cursor
		}
		if n := block.Count(blocks); n != int64(len(all)) {
			t.Fatalf("seed %d: %d counted of %d", seed, n, len(all))
		}
		want := cut(all, page, page.Offset)
		numbers, offset := block.Part(slices.Clone(blocks), page)
		got := cut(slices.DeleteFunc(slices.Clone(all), func(p placed) bool { return !slices.Contains(numbers, p.block) }), page, offset)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, %+v: got %v from blocks %v, want %v", seed, page, got, numbers, want)
		}
	}
}

// In a list whose blocks follow one another, a page needs those it lies in.
func TestPartIsSmall(t *testing.T) {
	t.Parallel()
	var blocks []block.Block
	for n := range 100 {
		blocks = append(blocks, block.Block{Number: int64(n), Matches: 10, First: idOf(n*10 + 10), Last: idOf(n*10 + 19)})
	}
	cursor := idOf(515)
	tests := map[string]struct {
		page   store.Page
		want   []int64
		offset int
	}{
		"newest":               {store.Page{Limit: 15}, []int64{99, 98}, 0},
		"oldest":               {store.Page{Limit: 15, Ascending: true}, []int64{0, 1}, 0},
		"far":                  {store.Page{Offset: 507, Limit: 10}, []int64{49, 48}, 7},
		"far, from the oldest": {store.Page{Offset: 507, Limit: 3, Ascending: true}, []int64{50}, 7},
		"after one":            {store.Page{Limit: 10, AfterExecution: &cursor}, []int64{50, 49}, 0},
		"beyond":               {store.Page{Offset: 1005, Limit: 10}, nil, 0},
		"count only":           {store.Page{Offset: 50}, nil, 0},
	}
	for name, test := range tests {
		numbers, offset := block.Part(slices.Clone(blocks), test.page)
		if !slices.Equal(numbers, test.want) || test.want != nil && offset != test.offset {
			t.Errorf("%s: got %v from %d on, want %v from %d on", name, numbers, offset, test.want, test.offset)
		}
	}
}
