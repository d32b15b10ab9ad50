package api

import (
	"context"
	"net/http"
	"time"

	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/payload"
)

// subjectToken is the header that carries a token which is made or ended.
const subjectToken = "X-Subject-Token"

// Logins make and end tokens. Holder returns whom a token is for, also if it has
// expired.
type Logins interface {
	Login(ctx context.Context, r *http.Request, name, password, project string) (identity.Token, error)
	Holder(ctx context.Context, token string) (identity.Caller, error)
	Logout(ctx context.Context, token string) error
}

// loginAnswer tells of a new token in the words of the identity service whose
// call this is (page 获取请求认证).
type loginAnswer struct {
	Token loginToken `json:"token"`
}

type loginToken struct {
	Catalog   []any         `json:"catalog"` // of the services that there are: none has to be looked for
	Methods   []string      `json:"methods"`
	IssuedAt  string        `json:"issued_at"`
	ExpiresAt string        `json:"expires_at"`
	User      loginUser     `json:"user"`
	Project   ownedIdentity `json:"project"`
	Roles     []namedThing  `json:"roles"`
}

type namedThing struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type ownedIdentity struct {
	namedThing `json:",embed"`
	Domain     namedThing `json:"domain"`
}

type loginUser struct {
	ownedIdentity   `json:",embed"`
	PasswordExpires string `json:"password_expires_at"` // "": never
}

// domain is the one to which all belong. Clients that know domains read it.
var domain = namedThing{"default", "default"}

func owned(id, name string) ownedIdentity { return ownedIdentity{namedThing{id, name}, domain} }

// login makes a token for who knows a user's password, in a project. Both may be
// named by name or id; the domain is not looked at.
func (a *API) login(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	user := []string{"auth", "identity", "password", "user"}
	name, err := namedWithin(body, user...)
	if err != nil {
		return nil, err
	}
	password, err := within(body, append(user, "password")...)
	if err != nil {
		return nil, err
	}
	scope, err := namedWithin(body, "auth", "scope", "project")
	if err != nil {
		return nil, err
	}
	project, err := a.projectNamed(ctx, scope)
	if err != nil {
		return nil, err
	}
	r.project, r.caller.User = project, name
	token, err := a.logins.Login(ctx, r.Request, name, password, project)
	if identity.Refuses(err) {
		a.refused(ctx, r, "token.create", err)
	}
	if err != nil {
		return nil, err
	}
	r.Note("user", name)
	e := r.entry("token.create")
	e.Status = http.StatusCreated
	if err := a.audit.Enter(ctx, e); err != nil {
		return nil, err
	}
	return exchange.Reply{
		Status: http.StatusCreated,
		Header: http.Header{subjectToken: {token.Text}, "Cache-Control": {"no-store"}},
		JSON: loginAnswer{loginToken{
			Catalog:   []any{},
			Methods:   []string{"password"},
			IssuedAt:  microText(time.Now()),
			ExpiresAt: microText(token.Expires),
			User:      loginUser{ownedIdentity: owned(name, name)},
			Project:   owned(project, scope),
			Roles:     []namedThing{{string(token.Caller.Role), string(token.Caller.Role)}},
		}},
	}, nil
}

// namedWithin returns the id at a path of members, or else the name.
func namedWithin(o object, path ...string) (string, error) {
	id, err := within(o, append(path, "id")...)
	if err == nil {
		return id, nil
	}
	return within(o, append(path, "name")...)
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
	const action = "token.delete"
	token := r.Header.Get(subjectToken)
	var err error
	if r.caller, err = a.logins.Holder(ctx, token); err != nil {
		if identity.Refuses(err) {
			a.refused(ctx, r, action, err)
		}
		return nil, err
	}
	r.project = r.caller.Project
	return a.audited(ctx, r, action, func(ctx context.Context, _ *request) (any, error) {
		return nil, a.logins.Logout(ctx, token)
	})
}

// microText shows a moment as the identity service does: UTC, six decimals.
func microText(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }
