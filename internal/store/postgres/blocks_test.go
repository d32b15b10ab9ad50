package postgres_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// small is how many executions make a block full here.
const small = 400

// many starts executions from number from on. They end at the time of their
// number, but each fiftieth goes on.
func (n *node) many(from, executions int) {
	n.Helper()
	var turns []store.Turn
	for number := from; number < from+executions; number++ {
		t := n.turn(0)
		binary.BigEndian.PutUint32(t.Head.ID[:], uint32(number))
		t.Head.Name, t.Head.StartedAt = fmt.Sprint("name-", number*7919%100_003), 1
		if number%50 != 0 {
			t.Head.StoppedAt, t.Head.Wake = journal.Millis(number), store.Never
		}
		turns = append(turns, t)
	}
	for group := range slices.Chunk(turns, 100) {
		if _, err := n.Commit(n.Context(), group); err != nil {
			n.Error(err)
			return
		}
	}
}

// expire removes what ended before the time.
func (n *node) expire(before journal.Millis) {
	n.Helper()
	for from := (*store.Key)(nil); ; {
		next, err := n.Expire(n.Context(), before, from, 100)
		if err != nil {
			n.Error(err)
			return
		}
		if next == nil {
			return
		}
		from = next
	}
}

// blocks fails the test unless the blocks are what they are said to be. It returns
// how many of all are surveyed.
func (d *database) blocks(t *testing.T) (surveyed, all int) {
	t.Helper()
	var wrong, wrongRanges, strayed int
	if err := d.admin.QueryRow(t.Context(), `
		SELECT
			(SELECT count(executions) FROM blocks),
			(SELECT count(*) FROM blocks),
			(SELECT count(*) FROM blocks b WHERE b.executions <>
				(SELECT count(*) FROM executions e WHERE e.graph = b.graph AND e.block = b.block AND e.id BETWEEN b.first_id AND b.last_id)),
			(SELECT count(*) FROM block_names n WHERE n.executions <>
				(SELECT count(*) FROM executions e WHERE e.graph = n.graph AND e.block = n.block AND e.name BETWEEN n.first AND n.last)),
			(SELECT count(*) FROM executions e LEFT JOIN blocks b USING (graph, block) WHERE b.graph IS NULL)`).
		Scan(&surveyed, &all, &wrong, &wrongRanges, &strayed); err != nil {
		t.Fatal(err)
	}
	if wrong+wrongRanges+strayed > 0 {
		t.Errorf("%d blocks and %d ranges are counted wrongly, %d executions have no block", wrong, wrongRanges, strayed)
	}
	return surveyed, all
}

// surveyed fails the test unless so many blocks of all are surveyed.
func (d *database) surveyed(t *testing.T, surveyed, all int) {
	t.Helper()
	if got, of := d.blocks(t); got != surveyed || of != all {
		t.Errorf("%d of %d blocks are surveyed, want %d of %d", got, of, surveyed, all)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	n := newNode(t, d.config("a")).prepare()
	n.SmallBlocks(small)
	keep := func() {
		t.Helper()
		if err := n.KeepBlocks(t.Context(), n.graph); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		n.many(1+i*small, small)
		d.surveyed(t, i, i+1)
		keep()
		d.surveyed(t, i+1, i+2)
	}
	n.expire(small / 2)
	d.surveyed(t, 3, 4)
	n.expire(2*small + 100)
	d.surveyed(t, 1, 3) // the second was put to the first
	keep()
	d.surveyed(t, 2, 3)
}

// One node removes executions while the other surveys their blocks.
func TestBlocksWhileAnotherNodeRemoves(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	a := newNode(t, d.config("a")).prepare()
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	for round := range 5 {
		a.SmallBlocks(small)
		var removing sync.WaitGroup
		a.many(1+2*round*small, 2*small)
		removing.Go(func() { b.expire(journal.Millis((2*round + 1) * small)) })
		if err := a.KeepBlocks(t.Context(), a.graph); err != nil {
			t.Error(err)
		}
		removing.Wait()
		d.blocks(t)
	}
}

// A block that one node closes gets nothing more from another.
func TestBlocksOfTwoNodes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	a := newNode(t, d.config("a")).prepare()
	a.SmallBlocks(small)
	b := newNode(t, d.config("b"))
	b.graph = a.graph
	b.take(1)
	var starting sync.WaitGroup
	starting.Go(func() { b.many(1_000_000, small) })
	for i := range 8 {
		a.many(1+i*small/4, small/4)
		if err := a.KeepBlocks(t.Context(), a.graph); err != nil {
			t.Fatal(err)
		}
	}
	starting.Wait()
	if err := a.KeepBlocks(t.Context(), a.graph); err != nil {
		t.Fatal(err)
	}
	if surveyed, all := d.blocks(t); surveyed < 2 || all != surveyed+1 {
		t.Errorf("%d of %d blocks are surveyed", surveyed, all)
	}
}
