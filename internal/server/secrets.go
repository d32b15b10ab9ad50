package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"heddle/internal/function/catalog"
	"heddle/internal/identity"
	"heddle/internal/secret"
)

// newBox returns what seals secrets.
func (s *Server) newBox() (*secret.Box, error) {
	if s.cfg.SealingKeys != "" {
		box, err := secret.NewBoxOf(s.cfg.SealingKeys)
		if err != nil {
			return nil, fmt.Errorf("sealing-keys: %w", err)
		}
		return box, nil
	}
	return secret.NewBox(cmp.Or(s.cfg.SecretKeyFile, filepath.Join(s.cfg.DataDir, "secret.key"))), nil
}

func (s *Server) newKeeper(box *secret.Box, who *identity.Identity, functions *catalog.Catalog) *secret.Keeper {
	return secret.NewKeeper(box, s.log,
		secret.NamedHolder{Name: "access keys", Holder: who},
		secret.NamedHolder{Name: "versions of functions", Holder: functions},
	)
}

// checkSecrets returns an error if secrets that are stored cannot be opened: then
// nobody could sign, and functions would fail.
func (s *Server) checkSecrets(ctx context.Context, who *identity.Identity, keeper *secret.Keeper) error {
	err := errors.Join(who.CheckKeys(ctx), keeper.Check(ctx))
	if err == nil {
		return nil
	}
	if s.cfg.AcceptLostSecrets {
		s.log.Warn("stored secrets cannot be opened", "error", err)
		return nil
	}
	return fmt.Errorf("open the stored secrets (if their keys are lost, --accept-lost-secrets starts without them): %w", err)
}
