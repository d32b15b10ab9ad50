package drivers

import (
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// zombiezen is the direct interface to the library that modernc translated.
type zombiezen struct {
	conn                                    *sqlite.Conn
	begin, end, execution, journal, records *sqlite.Stmt
}

func openZombiezen(path string) (connection, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	if err := sqlitex.ExecuteScript(conn, schema, nil); err != nil {
		return nil, err
	}
	for _, pragma := range []string{"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"} {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return nil, err
		}
	}
	return &zombiezen{
		conn:      conn,
		begin:     conn.Prep("BEGIN IMMEDIATE"),
		end:       conn.Prep("COMMIT"),
		execution: conn.Prep(insertExecution),
		journal:   conn.Prep(insertJournal),
		records:   conn.Prep(selectJournal),
	}, nil
}

// run steps a statement that has no rows.
func run(s *sqlite.Stmt) error {
	_, err := s.Step()
	if e := s.Reset(); err == nil {
		err = e
	}
	return err
}

func (c *zombiezen) version() (string, error) {
	s := c.conn.Prep(selectVersion)
	defer s.Reset()
	_, err := s.Step()
	return s.ColumnText(0), err
}

func (c *zombiezen) commit(turns []turn) error {
	if err := run(c.begin); err != nil {
		return err
	}
	for i := range turns {
		t := &turns[i]
		c.execution.BindBytes(1, t.id)
		c.execution.BindText(2, t.name)
		c.execution.BindInt64(3, t.started)
		c.execution.BindInt64(4, t.started)
		if err := run(c.execution); err != nil {
			return err
		}
		c.journal.BindBytes(1, t.id)
		c.journal.BindBytes(2, t.records)
		if err := run(c.journal); err != nil {
			return err
		}
	}
	return run(c.end)
}

func (c *zombiezen) read(id []byte) ([]byte, error) {
	defer c.records.Reset()
	c.records.BindBytes(1, id)
	if _, err := c.records.Step(); err != nil {
		return nil, err
	}
	records := make([]byte, c.records.ColumnLen(0))
	c.records.ColumnBytes(0, records)
	return records, nil
}

func (c *zombiezen) close() error { return c.conn.Close() }
