package drivers

import "github.com/ncruces/go-sqlite3"

// ncruces is the direct interface of ncruces/go-sqlite3.
type ncruces struct {
	conn                                          *sqlite3.Conn
	begin, end, execution, journal, records, vers *sqlite3.Stmt
}

func openNcruces(path string) (connection, error) {
	conn, err := sqlite3.Open(path)
	if err != nil {
		return nil, err
	}
	if err := conn.Exec(pragmas + schema); err != nil {
		return nil, err
	}
	c := &ncruces{conn: conn}
	for text, s := range map[string]**sqlite3.Stmt{
		"BEGIN IMMEDIATE": &c.begin, "COMMIT": &c.end,
		insertExecution: &c.execution, insertJournal: &c.journal, selectJournal: &c.records, selectVersion: &c.vers,
	} {
		if *s, _, err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *ncruces) version() (string, error) {
	defer c.vers.Reset()
	c.vers.Step()
	return c.vers.ColumnText(0), c.vers.Err()
}

func (c *ncruces) commit(turns []turn) error {
	if err := c.begin.Exec(); err != nil {
		return err
	}
	for i := range turns {
		t := &turns[i]
		c.execution.BindBlob(1, t.id)
		c.execution.BindText(2, t.name)
		c.execution.BindInt64(3, t.started)
		c.execution.BindInt64(4, t.started)
		if err := c.execution.Exec(); err != nil {
			return err
		}
		c.journal.BindBlob(1, t.id)
		c.journal.BindBlob(2, t.records)
		if err := c.journal.Exec(); err != nil {
			return err
		}
	}
	return c.end.Exec()
}

func (c *ncruces) read(id []byte) ([]byte, error) {
	defer c.records.Reset()
	c.records.BindBlob(1, id)
	c.records.Step()
	return c.records.ColumnBlob(0, nil), c.records.Err()
}

func (c *ncruces) close() error {
	for _, s := range []*sqlite3.Stmt{c.begin, c.end, c.execution, c.journal, c.records, c.vers} {
		s.Close()
	}
	return c.conn.Close()
}
