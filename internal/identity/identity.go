// Package identity knows who calls: it proves users by password, token or signed
// request, and says what a user may do in a project.
//
// Without any user the service may be in single-user mode: whoever reaches it may
// do everything. From the first user on, everybody has to say who he is.
//
// What the caller asks for is not known here, nor how it is answered. Of a wrong
// credential nothing is told but that it is wrong, and it takes the same time
// whichever part is.
package identity

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"heddle/internal/identity/signature"
	"heddle/internal/secret"
	"heddle/internal/store"
)

// Why a caller is not let in.
var (
	ErrNoCredential  = errors.New("the request has no credential")
	ErrBadCredential = errors.New("the credential is not valid")
	ErrScheme        = errors.New("the scheme of Authorization is not known here; " + signature.Scheme + " is")
	ErrExpired       = errors.New("the credential has expired")
	ErrForbidden     = errors.New("the caller may not do that")
	ErrOtherProject  = errors.New(ProjectHeader + " names another project than the path")
	ErrTooMany       = errors.New("there were too many wrong credentials")
	ErrRate          = errors.New("the project sends too many requests")
)

// Refuses reports whether an error says that somebody was not let in for what he
// is, or is not.
func Refuses(err error) bool {
	return slices.ContainsFunc([]error{
		ErrNoCredential, ErrBadCredential, ErrScheme, ErrExpired, ErrForbidden, ErrOtherProject, ErrTooMany,
	}, func(reason error) bool { return errors.Is(err, reason) })
}

// Config says how callers are proved.
type Config struct {
	TokenLifetime time.Duration // of a token
	SignedWithin  time.Duration // of a signed request: how far its time may be from the server's
	SingleUser    bool          // let everybody do everything as long as there is no user
	ProjectRate   int           // requests of a project in a second, with twice as many at once; 0: any number
}

// Store is where identities are kept.
type Store interface {
	store.Identities
	store.Credentials
}

// Identity proves callers.
type Identity struct {
	cfg   Config
	store Store
	box   *secret.Box
	log   *slog.Logger

	known     *recent[proved] // credentials that were looked up just now
	populated *recent[bool]   // whether there is any user
	wrong     *attempts       // wrong credentials of one user or key, from one address
	wrongFrom *attempts       // wrong credentials from one address
	rates     *rates          // of projects
	hashing   chan struct{}   // holds one token for each password that is being hashed
}

// hashingMax bounds the passwords that are hashed at a time: each takes 19 MiB and
// a processor for some tens of milliseconds.
const hashingMax = 2

// New returns an identity over a store. Secret keys are sealed in the box.
func New(cfg Config, st Store, box *secret.Box, log *slog.Logger) *Identity {
	return &Identity{
		cfg: cfg, store: st, box: box, log: log,
		known: newRecent[proved](), populated: newRecent[bool](), wrong: newAttempts(1), wrongFrom: newAttempts(addressFactor), rates: newRates(cfg.ProjectRate),
		hashing: make(chan struct{}, hashingMax),
	}
}

// Caller is who calls.
type Caller struct {
	User    string // "" in single-user mode
	Project string // to which the credential is bound; "" for any
	Role    Role
	Access  string // the access key of a signed request, else ""
}

// single is the caller of single-user mode.
var single = Caller{Role: Admin}

// May returns nil if the caller may do what has the need in a project, or
// ErrForbidden. To administer is not the matter of a project.
func (c Caller) May(project string, need Need) error {
	elsewhere := c.Project != "" && c.Project != project && need != Administer
	if elsewhere || !c.Role.allows(need) {
		return ErrForbidden
	}
	return nil
}

// SingleUser reports whether everybody may do everything, since there is no user
// and that is allowed.
func (i *Identity) SingleUser(ctx context.Context) (bool, error) {
	if !i.cfg.SingleUser {
		return false, nil
	}
	populated, err := i.populated.get("", func() (bool, error) {
		users, err := i.store.Users(ctx)
		return len(users) > 0, err
	})
	return !populated, err
}
