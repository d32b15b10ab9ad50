package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

	"heddle/internal/exchange"
	"heddle/internal/identity/signature"
	"heddle/internal/store"
)

// TokenHeader carries a token. ProjectHeader says for which project a credential
// is meant, which the path and the credential say too.
const (
	TokenHeader   = "X-Auth-Token"
	ProjectHeader = "X-Project-Id"
)

// proved is what was looked up for a credential. That there is none is kept as
// well: a look-up takes time, which would tell it from one that is known.
type proved struct {
	known  bool
	held   store.Credential
	secret string // of an access key
}

// orUnknown makes what was not found a result.
func orUnknown(p proved, err error) (proved, error) {
	if errors.Is(err, store.ErrNotFound) {
		return proved{secret: nobody}, nil
	}
	p.known = true
	return p, err
}

// Caller returns who sent a request: by its token, or by its signature, which
// covers the body. It returns one of the errors above, or one of the store; with
// them, the caller is only who is said to call.
func (i *Identity) Caller(ctx context.Context, r *http.Request, body []byte) (Caller, error) {
	singleUser, err := i.SingleUser(ctx)
	if err != nil || singleUser {
		return single, err
	}
	tokens, signatures := r.Header[TokenHeader], r.Header["Authorization"]
	switch {
	case len(tokens)+len(signatures) == 0:
		return Caller{}, ErrNoCredential
	case len(tokens)+len(signatures) > 1: // none says which is meant
		return Caller{}, ErrBadCredential
	case len(tokens) == 1:
		return i.byToken(ctx, r, tokens[0])
	}
	return i.bySignature(ctx, r, body)
}

func (i *Identity) byToken(ctx context.Context, r *http.Request, token string) (Caller, error) {
	hash := sha256.Sum256([]byte(token))
	p, err := i.known.get("token "+string(hash[:]), func() (proved, error) {
		held, err := i.store.TokenByHash(ctx, hash)
		return orUnknown(proved{held: held}, err)
	})
	switch {
	case err != nil:
		return Caller{}, err
	case !p.known:
		return Caller{}, i.wronged(r, "token")
	case time.Now().UnixMilli() >= int64(p.held.Expires):
		return Caller{User: p.held.User}, ErrExpired
	}
	return callerOf(p.held, ""), nil
}

// nobody is the secret with which a signature is compared whose key there is not.
var nobody = strings.Repeat("0", 2*secretBytes)

func (i *Identity) bySignature(ctx context.Context, r *http.Request, body []byte) (Caller, error) {
	claim, err := signature.Parse(r)
	switch {
	case errors.Is(err, signature.ErrScheme):
		return Caller{}, ErrScheme
	case err != nil:
		return Caller{}, i.wronged(r, "signature")
	}
	p, err := i.known.get("key "+claim.Access, func() (proved, error) {
		key, held, err := i.store.KeyByAccess(ctx, claim.Access)
		if err != nil {
			return orUnknown(proved{}, err)
		}
		secret, err := i.box.Open(key.Secret, keyOwner(key)...)
		return proved{true, held, string(secret)}, err
	})
	if err != nil {
		return Caller{}, err
	}
	switch err := claim.Verify(r, body, p.secret, time.Now(), i.cfg.SignedWithin); {
	case !p.known, errors.Is(err, signature.ErrWrong):
		return Caller{Access: claim.Access}, i.wronged(r, "key "+claim.Access)
	case err != nil:
		return Caller{User: p.held.User, Access: claim.Access}, ErrExpired
	}
	return callerOf(p.held, claim.Access), nil
}

// wronged notes a wrong credential, and returns what is said of it.
func (i *Identity) wronged(r *http.Request, what string) error {
	address := exchange.Sender(r)
	if i.wrongFrom.wrong(address) || i.wrong.wrong(guesser(what, address)) {
		return ErrTooMany
	}
	return ErrBadCredential
}

// guesserMax bounds what is kept of a name that may be as long as a body.
const guesserMax = 128

// guesser names who guesses what.
func guesser(what, address string) string { return address + " " + what[:min(len(what), guesserMax)] }

func callerOf(held store.Credential, access string) Caller {
	c := Caller{User: held.User, Project: held.Project, Role: Role(held.Role), Access: access}
	if c.Project == store.AllProjects {
		c.Project = ""
	}
	return c
}
