package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"heddle/internal/audit"
	"heddle/internal/identity"
	"heddle/internal/secret"
	"heddle/internal/store"
)

const (
	tokenLifetime = 24 * time.Hour   // as the published service has it
	signedWithin  = 15 * time.Minute // likewise
)

// newIdentity returns who may call. On an address that other machines can reach
// nobody may who is not known.
func (s *Server) newIdentity(st store.Store, box *secret.Box) *identity.Identity {
	return identity.New(identity.Config{
		TokenLifetime: tokenLifetime,
		SignedWithin:  signedWithin,
		SingleUser:    s.cfg.Loopback(),
		ProjectRate:   s.cfg.Limits.ProjectRate,
	}, st, box, s.log)
}

// admitSomebody makes the first administrator if that is wanted, and returns an
// error if nobody could do anything.
func (s *Server) admitSomebody(ctx context.Context, st store.Store, who *identity.Identity, trail *audit.Log) error {
	users, err := st.Users(ctx)
	switch {
	case err != nil || len(users) > 0:
		return err
	case s.cfg.AdminPasswordFile != "":
		return s.makeAdmin(ctx, who, trail)
	case !s.cfg.Loopback():
		return fmt.Errorf("%s can be reached from other machines, and there is no user: make one while the server listens on loopback (heddle user create NAME --admin), or name a file with the password of a first one (--admin-password-file)", s.cfg.Listen)
	}
	s.log.Warn("single-user mode: there is no user, and whoever reaches the port may do everything", "address", s.Addr())
	return nil
}

// makeAdmin makes the user admin.
func (s *Server) makeAdmin(ctx context.Context, who *identity.Identity, trail *audit.Log) error {
	text, err := os.ReadFile(s.cfg.AdminPasswordFile)
	if err != nil {
		return fmt.Errorf("read the password of admin: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if err := identity.CheckPassword(password); err != nil {
		return fmt.Errorf("the password of admin in %s: %w", s.cfg.AdminPasswordFile, err)
	}
	deed, err := trail.Begin(ctx, audit.Entry{Action: "user.create", Object: "admin"})
	if err != nil {
		return err
	}
	everywhere := store.Grant{Project: store.AllProjects, Role: store.Role(identity.Admin)}
	if err := who.NewUser(ctx, "admin", password, everywhere); err != nil && !errors.Is(err, store.ErrExists) {
		deed.End(ctx, audit.Result{Status: http.StatusInternalServerError})
		return fmt.Errorf("make the user admin: %w", err)
	}
	deed.End(ctx, audit.Result{Detail: "role=admin in *", Status: http.StatusOK})
	s.log.Info("made the user admin, since there was no user", "password", s.cfg.AdminPasswordFile)
	return nil
}

// enterAccepted enters in the audit log which losses the operator has accepted.
func (s *Server) enterAccepted(ctx context.Context, trail *audit.Log) error {
	enter := func(accepted bool, action string) error {
		if !accepted {
			return nil
		}
		return trail.Enter(ctx, audit.Entry{Action: action, Object: s.cfg.DataDir, Status: http.StatusOK})
	}
	return errors.Join(
		enter(s.cfg.AcceptDataLoss, "server.accept_data_loss"),
		enter(s.cfg.AcceptLostSecrets, "server.accept_lost_secrets"),
	)
}
