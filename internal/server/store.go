package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"heddle/internal/store"
	"heddle/internal/store/postgres"
	"heddle/internal/store/sqlite"
)

// node is the name under which the one node of a store holds its leases. A
// second server on a PostgreSQL database takes them over, and the first ends;
// on SQLite the lock on the directory keeps a second one out.
const node = "local"

// openStore opens the store that the settings name.
func (s *Server) openStore(ctx context.Context) (store.Store, error) {
	if info, err := os.Stat(s.cfg.DataDir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		s.log.Warn("others on this machine can look into the data directory: chmod 700 it", "data", s.cfg.DataDir, "mode", info.Mode().Perm().String())
	}
	if s.cfg.Store == "" {
		return sqlite.Open(ctx, sqlite.Config{Dir: s.cfg.DataDir, AcceptDataLoss: s.cfg.AcceptDataLoss}, s.log)
	}
	if err := os.MkdirAll(s.cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	return postgres.Open(ctx, postgres.Config{
		URL: s.cfg.Store, Node: node,
		MarkFile:       filepath.Join(s.cfg.DataDir, "acknowledged-postgres"),
		AcceptDataLoss: s.cfg.AcceptDataLoss,
	}, s.log)
}
