package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/payload"
	"heddle/internal/store"
)

// subjectToken is the header that carries a token which is made or ended.
const subjectToken = "X-Subject-Token"

// Logins make and end tokens.
type Logins interface {
	Login(ctx context.Context, r *http.Request, name, password, project string) (identity.Token, error)
	Logout(ctx context.Context, token string) error
}

// loginAnswer tells of a new token in the words of the identity service whose
// call this is (page 获取请求认证).
type loginAnswer struct {
	Token loginToken `json:"token"`
}

type loginToken struct {
	Methods   []string      `json:"methods"`
	IssuedAt  string        `json:"issued_at"`
	ExpiresAt string        `json:"expires_at"`
	User      namedIdentity `json:"user"`
	Project   namedIdentity `json:"project"`
	Roles     []roleItem    `json:"roles"`
}

type namedIdentity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type roleItem struct {
	Name identity.Role `json:"name"`
}

// login makes a token for who knows a user's password, in a project. Both may be
// named by name or id; the domain is not looked at.
func (a *API) login(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	name, err := within(body, "auth", "identity", "password", "user", "name")
	if err != nil {
		return nil, err
	}
	password, err := within(body, "auth", "identity", "password", "user", "password")
	if err != nil {
		return nil, err
	}
	project, err := within(body, "auth", "scope", "project", "id")
	if err != nil {
		if project, err = within(body, "auth", "scope", "project", "name"); err != nil {
			return nil, err
		}
	}
	if project, err = a.projectNamed(ctx, project); err != nil {
		return nil, err
	}
	token, err := a.logins.Login(ctx, r.Request, name, password, project)
	if err != nil {
		return nil, err
	}
	r.Note("user", name)
	return exchange.Reply{
		Status: http.StatusCreated,
		Header: http.Header{subjectToken: {token.Text}, "Cache-Control": {"no-store"}},
		JSON: loginAnswer{loginToken{
			Methods:   []string{"password"},
			IssuedAt:  microText(time.Now()),
			ExpiresAt: microText(token.Expires),
			User:      namedIdentity{name, name},
			Project:   namedIdentity{project, project},
			Roles:     []roleItem{{token.Caller.Role}},
		}},
	}, nil
}

// within returns the string at a path of members.
func within(o object, path ...string) (string, error) {
	last := len(path) - 1
	for _, name := range path[:last] {
		v, err := o.field(name, payload.Object, codeParameter)
		if err != nil {
			return "", err
		}
		o = object{name, v}
	}
	return o.text(path[last], codeParameter)
}

// projectNamed returns the id of a project that is known by that name, else the
// name, which may be an id.
func (a *API) projectNamed(ctx context.Context, name string) (string, error) {
	projects, err := a.store.Projects(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range projects {
		if p.Name == name {
			return p.ID, nil
		}
	}
	return name, nil
}

// logout ends a token. Whoever has it may end it.
func (a *API) logout(ctx context.Context, r *request) (any, error) {
	err := a.logins.Logout(ctx, r.Header.Get(subjectToken))
	if errors.Is(err, store.ErrNotFound) {
		return nil, identity.ErrBadCredential
	}
	return nil, err
}

// microText shows a moment as the identity service does: UTC, six decimals.
func microText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }
