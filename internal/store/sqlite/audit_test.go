package sqlite_test

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"heddle/internal/audit"
	"heddle/internal/store/sqlite"
)

// The database itself refuses to change or remove what is in the audit log, whoever
// asks for it.
func TestAuditStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st, err := sqlite.Open(t.Context(), sqlite.Config{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Audit(t.Context(), []audit.Entry{{User: "ada"}}); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "heddle.db")+"?vfs=heddle-checked")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for statement, want := range map[string]string{
		"UPDATE audit SET user = 'eve'":                           "the audit log is not changed",
		"DELETE FROM audit":                                       "nothing is removed from the audit log",
		"REPLACE INTO audit SELECT * FROM audit WHERE number = 1": "the audit log only grows",
	} {
		_, err := db.ExecContext(t.Context(), statement)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", statement, err, want)
		}
	}
}
