// Package block says how the SQL stores find executions by their names, among
// any number of them. It knows no SQL: each store keeps what stands here in its
// tables, and asks this package what follows from it.
//
// Executions of a graph that were started one after another are a block of
// some thousand. The index of names is in the order of blocks. So a start
// changes the part of it that the starts before have just changed, however many
// executions there are and whatever their names; and a list looks only into the
// blocks that have its page.
//
// A block is open, then closed, then surveyed:
//
//  1. A graph has one open block, and starts are added to that one alone.
//  2. A closed block gets no further execution by a start. Those that ended
//     long ago are taken out of any block.
//  3. A surveyed block has its names counted by range: the ranges do not
//     overlap, every name is in one, and their counts are exact. It also has
//     bounds of its ids, so that a list need not look for these.
//
// A name prefix is a range of names. Its count is the sum over the blocks of the
// ranges that lie in it, and what stands in the index of one or two ranges that
// it cuts; in blocks that are not surveyed, all of it stands in the index. So
// counts are exact at any moment, and surveys only make them fast.
//
// Ids of different blocks overlap: starts do not arrive in the order of their
// ids, and clocks are set.
package block

import "heddle/internal/store"

// Size is how many executions make a block full. With half of it there would be
// twice as many blocks to look into; with twice of it, a page is sorted out of more.
const Size = 4096

// Block is a block as a list sees it.
type Block struct {
	Number      int64
	Matches     int64             // of its executions: how many the list is about
	First, Last store.ExecutionID // bounds of the ids of these
}
