package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"heddle/internal/exchange"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// tokenBytes of chance make a token: nobody guesses it.
const tokenBytes = 32

// Token is a token that was just made. It is shown once, and kept nowhere.
type Token struct {
	Text    string
	Caller  Caller
	Expires time.Time
}

// Login makes a token for a user who knows the password, in a project in which the
// user may do something. r is the request that asks.
func (i *Identity) Login(ctx context.Context, r *http.Request, name, password, project string) (Token, error) {
	address := exchange.Sender(r)
	if i.wrongFrom.tooMany(address) || i.wrong.tooMany(guesser("user "+name, address)) {
		return Token{}, ErrTooMany
	}
	u, grants, err := i.store.UserByName(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Token{}, err
	}
	right, err := i.matches(ctx, password, u.Password) // also of a user that there is not
	switch {
	case err != nil:
		return Token{}, err
	case !right || u.ID == 0 || u.Disabled:
		return Token{}, i.wronged(r, "user "+name)
	}
	role := roleIn(grants, project)
	if role == "" {
		return Token{}, ErrForbidden
	}
	return i.newToken(ctx, u, project, role)
}

func (i *Identity) newToken(ctx context.Context, u store.User, project string, role Role) (Token, error) {
	now := time.Now()
	t := Token{
		Text:    base64.RawURLEncoding.EncodeToString(chance(tokenBytes)),
		Caller:  callerOf(store.Credential{User: u.Name, Project: project, Role: store.Role(role)}, ""),
		Expires: now.Add(i.cfg.TokenLifetime).Truncate(time.Second),
	}
	row := store.Token{Hash: sha256.Sum256([]byte(t.Text)), User: u.ID, Project: project, Expires: journal.Millis(t.Expires.UnixMilli())}
	if err := i.store.CreateToken(ctx, row, journal.Millis(now.UnixMilli())); err != nil {
		return Token{}, fmt.Errorf("create token: %w", err)
	}
	return t, nil
}

// roleIn returns the role of a user in a project: of the grant for it, else of the
// one for all.
func roleIn(grants []store.Grant, project string) Role {
	role := Role("")
	for _, g := range grants {
		if g.Project == project || g.Project == store.AllProjects && role == "" {
			role = Role(g.Role)
		}
	}
	return role
}

// Holder returns whom a token is for, also if it has expired.
func (i *Identity) Holder(ctx context.Context, token string) (Caller, error) {
	held, err := i.store.TokenByHash(ctx, sha256.Sum256([]byte(token)))
	if errors.Is(err, store.ErrNotFound) {
		return Caller{}, ErrBadCredential
	}
	return callerOf(held, ""), err
}

// Logout ends a token.
func (i *Identity) Logout(ctx context.Context, token string) error {
	err := i.store.DeleteToken(ctx, sha256.Sum256([]byte(token)))
	i.known.forget()
	if errors.Is(err, store.ErrNotFound) {
		return ErrBadCredential
	}
	return err
}
