package drivers

import (
	"context"
	"database/sql/driver"
	"io"

	"modernc.org/sqlite"
)

// moderncDriver holds the driver's own connection and statements, without
// database/sql above them.
type moderncDriver struct {
	conn       driver.Conn
	statements map[string]driver.Stmt
}

func openModerncDriver(path string) (connection, error) {
	conn, err := new(sqlite.Driver).Open(path)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(context.Background(), pragmas+schema, nil); err != nil {
		return nil, err
	}
	c := &moderncDriver{conn, make(map[string]driver.Stmt)}
	for _, text := range []string{insertExecution, insertJournal, selectJournal, selectVersion, "BEGIN IMMEDIATE", "COMMIT"} {
		if c.statements[text], err = conn.Prepare(text); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *moderncDriver) exec(text string, values ...driver.Value) error {
	_, err := c.statements[text].(driver.StmtExecContext).ExecContext(context.Background(), named(values))
	return err
}

func (c *moderncDriver) query(text string, values ...driver.Value) (driver.Value, error) {
	rows, err := c.statements[text].(driver.StmtQueryContext).QueryContext(context.Background(), named(values))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil && err != io.EOF {
		return nil, err
	}
	return row[0], nil
}

func named(values []driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}

func (c *moderncDriver) version() (string, error) {
	v, err := c.query(selectVersion)
	if err != nil {
		return "", err
	}
	return v.(string), nil
}

func (c *moderncDriver) commit(turns []turn) error {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for i := range turns {
		t := &turns[i]
		if err := c.exec(insertExecution, t.id, t.name, t.started, t.started); err != nil {
			return err
		}
		if err := c.exec(insertJournal, t.id, t.records); err != nil {
			return err
		}
	}
	return c.exec("COMMIT")
}

func (c *moderncDriver) read(id []byte) ([]byte, error) {
	v, err := c.query(selectJournal, id)
	if err != nil {
		return nil, err
	}
	return v.([]byte), nil
}

func (c *moderncDriver) close() error {
	for _, s := range c.statements {
		s.Close()
	}
	return c.conn.Close()
}
