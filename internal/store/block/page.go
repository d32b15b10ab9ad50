package block

import (
	"bytes"
	"slices"

	"heddle/internal/store"
)

// Count returns how many executions match in all blocks.
func Count(blocks []Block) (n int64) {
	for _, b := range blocks {
		n += b.Matches
	}
	return n
}

// Part returns the numbers of the blocks that may have executions of a page, and
// the page's offset among what matches in those blocks: the page is what the
// list of these alone has there.
func Part(blocks []Block, page store.Page) (numbers []int64, offset int) {
	if page.Limit == 0 {
		return nil, 0
	}
	o := order{ascending: page.Ascending}
	rest := o.after(blocks, page.AfterExecution)
	rest, skipped := o.skip(rest, int64(page.Offset))
	offset = page.Offset - int(skipped)
	for _, b := range o.take(rest, page.AfterExecution, int64(offset+page.Limit)) {
		numbers = append(numbers, b.Number)
	}
	return numbers, offset
}

// order is that of a list: the newest first, or the oldest.
type order struct{ ascending bool }

// compare is negative if a comes before b.
func (o order) compare(a, b store.ExecutionID) int {
	if o.ascending {
		return bytes.Compare(a[:], b[:])
	}
	return bytes.Compare(b[:], a[:])
}

// begin returns the bound of a block that comes first.
func (o order) begin(b Block) store.ExecutionID {
	if o.ascending {
		return b.First
	}
	return b.Last
}

// end returns the bound of a block that comes last.
func (o order) end(b Block) store.ExecutionID {
	if o.ascending {
		return b.Last
	}
	return b.First
}

func (o order) byBegin(a, b Block) int { return o.compare(o.begin(a), o.begin(b)) }
func (o order) byEnd(a, b Block) int   { return o.compare(o.end(a), o.end(b)) }

// after returns the blocks that may have something after the cursor.
func (o order) after(blocks []Block, cursor *store.ExecutionID) []Block {
	var rest []Block
	for _, b := range blocks {
		if b.Matches > 0 && (cursor == nil || o.compare(o.end(b), *cursor) > 0) {
			rest = append(rest, b)
		}
	}
	return rest
}

// skip leaves out blocks of which everything comes before the offset, and
// returns how much that is. Up to the end of a block there can be no more than
// the blocks have that begin before it.
func (o order) skip(blocks []Block, offset int64) (rest []Block, skipped int64) {
	beginning := slices.SortedFunc(slices.Values(blocks), o.byBegin)
	slices.SortFunc(blocks, o.byEnd)
	var begun int64
	for i, b := range blocks {
		for len(beginning) > 0 && o.compare(o.begin(beginning[0]), o.end(b)) <= 0 {
			begun += beginning[0].Matches
			beginning = beginning[1:]
		}
		if begun > offset {
			return blocks[i:], skipped
		}
		skipped += b.Matches
	}
	return nil, skipped
}

// take returns the blocks that may have one of the first n after the cursor.
// Before the begin of a block there is all that the blocks have that end
// before it, if the cursor is not in their midst.
func (o order) take(blocks []Block, cursor *store.ExecutionID, n int64) []Block {
	ending := slices.SortedFunc(slices.Values(blocks), o.byEnd)
	slices.SortFunc(blocks, o.byBegin)
	var ended int64
	for i, b := range blocks {
		for o.compare(o.end(ending[0]), o.begin(b)) < 0 {
			if cursor == nil || o.compare(o.begin(ending[0]), *cursor) > 0 {
				ended += ending[0].Matches
			}
			ending = ending[1:]
		}
		if ended >= n {
			return blocks[:i]
		}
	}
	return blocks
}
