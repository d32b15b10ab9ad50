package drivers

import (
	"context"
	"database/sql"

	_ "github.com/ncruces/go-sqlite3/driver"
	_ "modernc.org/sqlite"
)

// throughSQL reaches a driver by way of database/sql, its statements prepared
// once on one connection.
type throughSQL struct {
	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func openModernc(path string) (connection, error) { return openSQL("sqlite", path) }

func openNcrucesSQL(path string) (connection, error) { return openSQL("sqlite3", "file:"+path) }

func openSQL(driver, name string) (connection, error) {
	ctx := context.Background()
	db, err := sql.Open(driver, name)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, pragmas+schema); err != nil {
		return nil, err
	}
	c := &throughSQL{db, conn, make(map[string]*sql.Stmt)}
	for _, text := range []string{insertExecution, insertJournal, selectJournal, selectVersion, "BEGIN IMMEDIATE", "COMMIT"} {
		if c.statements[text], err = conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *throughSQL) version() (v string, err error) {
	err = c.statements[selectVersion].QueryRow().Scan(&v)
	return v, err
}

func (c *throughSQL) commit(turns []turn) error {
	if _, err := c.statements["BEGIN IMMEDIATE"].Exec(); err != nil {
		return err
	}
	for i := range turns {
		t := &turns[i]
		if _, err := c.statements[insertExecution].Exec(t.id, t.name, t.started, t.started); err != nil {
			return err
		}
		if _, err := c.statements[insertJournal].Exec(t.id, t.records); err != nil {
			return err
		}
	}
	_, err := c.statements["COMMIT"].Exec()
	return err
}

func (c *throughSQL) read(id []byte) (records []byte, err error) {
	err = c.statements[selectJournal].QueryRow(id).Scan(&records)
	return records, err
}

func (c *throughSQL) close() error {
	for _, s := range c.statements {
		s.Close()
	}
	c.conn.Close()
	return c.db.Close()
}
