package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"heddle/internal/journal"
	"heddle/internal/store"
	"heddle/internal/store/block"
)

// many starts executions from number from on, which end at the time of their
// number unless that is divisible by goOn.
func (f *faulty) many(from, n, goOn int) {
	f.Helper()
	var turns []store.Turn
	for number := from; number < from+n; number++ {
		head := store.Head{
			Key:  store.Key{Graph: f.graph, ID: store.ExecutionID{13: byte(number >> 16), 14: byte(number >> 8), 15: byte(number)}},
			Name: fmt.Sprint("name-", number*7919%100_003), Seq: 1, StartedAt: 1,
		}
		if number%goOn != 0 {
			head.StoppedAt, head.Wake = journal.Millis(number), store.Never
		}
		turns = append(turns, store.Turn{Lease: f.lease, Head: head, Records: []byte("records")})
	}
	for group := range slices.Chunk(turns, 256) {
		outcomes, err := f.Commit(f.Context(), group)
		if err != nil || outcomes[0].Err != nil {
			f.Fatal(err, outcomes[0].Err)
		}
	}
}

// small is how many executions make a block full here.
const small = 200

// newSmall returns a store with small blocks.
func newSmall(t *testing.T) *faulty {
	f := newFaulty(t)
	f.keeper = block.NewKeeper(blocks{f.Store}, small, f.log)
	return f
}

// keep does what Run does about the graph's blocks.
func (f *faulty) keep() {
	f.Helper()
	if err := f.keeper.Keep(f.Context(), f.graph); err != nil {
		f.Fatal(err)
	}
}

// expire removes what ended before the time.
func (f *faulty) expire(before journal.Millis) {
	f.Helper()
	for from := (*store.Key)(nil); ; {
		next, err := f.Expire(f.Context(), before, from, 100)
		if err != nil {
			f.Fatal(err)
		}
		if next == nil {
			return
		}
		from = next
	}
}

// untrue are what package block promises, each as a query for what contradicts it.
var untrue = map[string]string{
	"an execution has a block": `
		SELECT count(*) FROM executions e LEFT JOIN blocks b ON b.graph = e.graph AND b.block = e.block WHERE b.graph IS NULL`,
	"the open block is the last": `
		SELECT count(*) FROM graphs g JOIN blocks b ON b.graph = g.id WHERE b.block > g.block OR b.block = g.block AND b.executions IS NOT NULL`,
	"a surveyed block is counted": `
		SELECT count(*) FROM blocks b WHERE b.executions
			<> (SELECT count(*) FROM executions e WHERE e.graph = b.graph AND e.block = b.block)`,
	"its ids are within bounds": `
		SELECT count(*) FROM blocks b JOIN executions e ON e.graph = b.graph AND e.block = b.block
		WHERE e.id < b.first_id OR e.id > b.last_id`,
	"a range is counted": `
		SELECT count(*) FROM block_names n WHERE n.executions
			<> (SELECT count(*) FROM executions e WHERE e.graph = n.graph AND e.block = n.block AND e.name BETWEEN n.first AND n.last)`,
	"the ranges are all": `
		SELECT count(*) FROM blocks b WHERE b.executions
			<> (SELECT sum(n.executions) FROM block_names n WHERE n.graph = b.graph AND n.block = b.block)`,
	"only surveyed blocks have ranges": `
		SELECT count(*) FROM block_names n JOIN blocks b ON b.graph = n.graph AND b.block = n.block WHERE b.executions IS NULL`,
}

// surveyed fails the test unless the promises hold and so many blocks of all are
// surveyed.
func (f *faulty) surveyed(surveyed, all int) {
	f.Helper()
	f.writing(func(c *conn) error {
		for what, query := range untrue {
			var n int
			if err := c.row(f.Context(), query, nil, &n); err != nil || n > 0 {
				f.Errorf("%s: %d are against it, %v", what, n, err)
			}
		}
		var got, of int
		err := c.row(f.Context(), "SELECT count(executions), count(*) FROM blocks", nil, &got, &of)
		if got != surveyed || of != all {
			f.Errorf("%d of %d blocks are surveyed, want %d of %d", got, of, surveyed, all)
		}
		return err
	})
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	f := newSmall(t)
	f.keep()
	f.surveyed(0, 1)
	for n := range 4 {
		f.many(1+n*small, small-1, 50)
		f.keep()
		f.surveyed(n, n+1)
		f.many((n+1)*small, 1, 50)
		f.keep()
		f.surveyed(n+1, n+2)
	}

	// Of the first block a part is left, of the others some that go on.
	f.expire(small / 2)
	f.surveyed(4, 5)
	f.expire(3*small + 100)
	f.surveyed(2, 4) // the second was put to the first
	f.keep()
	f.surveyed(3, 4)
	f.expire(5 * small)
	f.surveyed(1, 3) // and then the third
	f.keep()
	f.surveyed(2, 3)
}

func TestEmptyBlocksGo(t *testing.T) {
	t.Parallel()
	f := newSmall(t)
	const all = 2*small + 10
	f.many(1, small, all)
	f.keep()
	f.many(1+small, 10, all)
	f.surveyed(1, 2)
	f.expire(all)
	f.surveyed(0, 1)

	// One that is closed but not surveyed is found to be empty later.
	f.many(1, 10, all)
	if err := (blocks{f.Store}).Close(t.Context(), f.graph, 1); err != nil {
		t.Fatal(err)
	}
	f.expire(all)
	f.surveyed(0, 2)
	f.keep()
	f.surveyed(0, 1)
}

// A survey that was overtaken by a removal is not kept.
func TestOvertakenSurvey(t *testing.T) {
	t.Parallel()
	f := newSmall(t)
	f.many(1, small, 50)
	b := blocks{f.Store}
	if err := b.Close(t.Context(), f.graph, 0); err != nil {
		t.Fatal(err)
	}
	survey, changes, err := b.Survey(t.Context(), f.graph, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.expire(20)
	if err := b.Keep(t.Context(), f.graph, 0, survey, changes); err != nil {
		t.Fatal(err)
	}
	f.surveyed(0, 2)
	f.keep()
	f.surveyed(1, 2)
}

func TestBlocksOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	const executions = 2*block.Size + 5
	dir, err := openDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := sealDatabase(dir.database); err != nil {
		t.Fatal(err)
	}
	f := &faulty{T: t, Store: &Store{writer: make(chan *conn, 1)}}
	db, err := f.connect(t.Context(), dir.database, writerPragmas, f.writer)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`INSERT INTO graphs (project, name, description, created_at, revision, executions) VALUES ('p', 'empty', '', 1, 1, 0), ('p', 'video', '', 1, 1, 8197)`,
		`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 8197)
		INSERT INTO executions (graph, id, name, test, revision, status, seq, started_at, stopped_at, shard, wake)
		SELECT 2, CAST(format('%016d', n) AS BLOB), 'name-' || (n * 7919 % 10007), 0, 1, 'SUCCESS', 1, 1, 1, 0, -1 FROM n`,
	} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(db.Close(), dir.unlock()); err != nil {
		t.Fatal(err)
	}

	if f.Store, err = Open(t.Context(), Config{Dir: dir.path}, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.surveyed(0, 4)
	f.graph = 2
	f.keep()
	f.surveyed(2, 4)
	heads, n, err := f.ListExecutions(t.Context(), store.ExecutionFilter{Graph: 2, NamePrefix: "name-"}, store.Page{Offset: executions - 1, Limit: 2})
	if err != nil || n != executions || len(heads) != 1 || string(heads[0].ID[:]) != "0000000000000001" {
		t.Errorf("listed %v of %d, %v", heads, n, err)
	}
}
