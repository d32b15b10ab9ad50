package identity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/identity"
	"heddle/internal/identity/signature"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

// rig is an identity on a store in memory, in a synctest bubble.
type rig struct {
	*testing.T
	store *memory.Store
	box   *secret.Box
	*identity.Identity
}

func inBubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		st := memory.New(1)
		box := secret.NewBox(filepath.Join(t.TempDir(), "secret.key"))
		cfg := identity.Config{TokenLifetime: 24 * time.Hour, SignedWithin: 15 * time.Minute, SingleUser: true}
		test(&rig{t, st, box, identity.New(cfg, st, box, slog.New(slog.DiscardHandler))})
	})
}

func (r *rig) no(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) want(got, want error) {
	r.Helper()
	if !errors.Is(got, want) {
		r.Errorf("got error %v, want %v", got, want)
	}
}

// user makes a user with the password "correct horse" and a grant.
func (r *rig) user(name, project string, role identity.Role) {
	r.Helper()
	r.no(r.newUser(name, password, project, role))
}

// newUser makes a user; the first one after somebody who administers.
func (r *rig) newUser(name, password, project string, role identity.Role) error {
	users, err := r.store.Users(context.Background())
	r.no(err)
	if len(users) == 0 && role != identity.Admin {
		r.no(r.NewUser(context.Background(), "root", "", store.Grant{Project: store.AllProjects, Role: store.Role(identity.Admin)}))
	}
	return r.NewUser(context.Background(), name, password, store.Grant{Project: project, Role: store.Role(role)})
}

const password = "correct horse"

func request(header ...string) *http.Request {
	req := httptest.NewRequest("POST", "/v1.0/p1/cloud_graphs?a=b", nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	return req
}

func (r *rig) login(name, password, project string) (identity.Token, error) {
	return r.Login(context.Background(), request(), name, password, project)
}

func (r *rig) caller(req *http.Request) (identity.Caller, error) {
	return r.Caller(context.Background(), req, nil)
}

func (r *rig) wantCaller(req *http.Request, want identity.Caller) {
	r.Helper()
	if got, err := r.caller(req); err != nil || got != want {
		r.Errorf("got %+v and %v, want %+v", got, err, want)
	}
}

func TestSingleUser(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		c, err := r.caller(request())
		r.no(err)
		r.no(c.May("any", identity.Administer))
		operator := store.Grant{Project: "p1", Role: store.Role(identity.Operator)}
		r.want(r.NewUser(context.Background(), "ada", password, operator), identity.ErrFirstUser)
		_, err = r.caller(request())
		r.no(err)
		r.user("grace", store.AllProjects, identity.Admin)
		_, err = r.caller(request())
		r.want(err, identity.ErrNoCredential)
		r.no(r.RemoveUser(context.Background(), "grace"))
		_, err = r.caller(request())
		r.no(err)
		strict := identity.New(identity.Config{}, r.store, nil, nil)
		_, err = strict.Caller(context.Background(), request(), nil)
		r.want(err, identity.ErrNoCredential)
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for role, want := range map[identity.Role]identity.Need{
		identity.Viewer: identity.Read, identity.Invoker: identity.Trigger,
		identity.Operator: identity.Manage, identity.Admin: identity.Administer, "": 0, "owner": 0,
	} {
		c := identity.Caller{Project: "p1", Role: role}
		for need := identity.Read; need <= identity.Administer; need++ {
			if got := c.May("p1", need) == nil; got != (need <= want) {
				t.Errorf("%s may do %d: %t", role, need, got)
			}
			if got := c.May("p2", need) == nil; got != (need == identity.Administer && role == identity.Admin) {
				t.Errorf("%s may do %d in another project: %t", role, need, got)
			}
		}
		if c.May("p1", 0) == nil {
			t.Errorf("%s may do what has no need", role)
		}
	}
	if err := (identity.Caller{Role: identity.Viewer}).May("any", identity.Read); err != nil {
		t.Errorf("a caller of all projects: %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		token, err := r.login("ada", password, "p1")
		r.no(err)
		if got := time.Until(token.Expires); got != 24*time.Hour {
			t.Errorf("the token lives for %v, want a day", got)
		}
		ada := identity.Caller{User: "ada", Project: "p1", Role: identity.Operator}
		r.wantCaller(request(identity.TokenHeader, token.Text), ada)

		// What a user may do is looked at anew with each request, but for a second.
		r.no(r.Grant(context.Background(), "ada", "p1", identity.Viewer))
		ada.Role = identity.Viewer
		r.wantCaller(request(identity.TokenHeader, token.Text), ada)

		for _, wrong := range []string{"", "x", token.Text + "x", token.Text[1:]} {
			_, err := r.caller(request(identity.TokenHeader, wrong))
			r.want(err, identity.ErrBadCredential)
		}
		_, err = r.caller(request(identity.TokenHeader, token.Text, identity.TokenHeader, token.Text))
		r.want(err, identity.ErrBadCredential)
		_, err = r.caller(request(identity.TokenHeader, token.Text, "Authorization", "x"))
		r.want(err, identity.ErrBadCredential)

		time.Sleep(24*time.Hour - time.Second)
		r.wantCaller(request(identity.TokenHeader, token.Text), ada)
		time.Sleep(time.Second)
		_, err = r.caller(request(identity.TokenHeader, token.Text))
		r.want(err, identity.ErrExpired)
	})
}

// A token ends at once where that is said, and within a second elsewhere.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *rig, token string) error{
		"logout":   func(r *rig, token string) error { return r.Logout(context.Background(), token) },
		"password": func(r *rig, _ string) error { return r.SetPassword(context.Background(), "ada", "battery staple") },
		"disabled": func(r *rig, _ string) error { return r.Disable(context.Background(), "ada", true) },
		"removed":  func(r *rig, _ string) error { return r.RemoveUser(context.Background(), "ada") },
	} {
		inBubble(t, func(r *rig) {
			r.user("ada", "p1", identity.Operator)
			r.user("grace", store.AllProjects, identity.Admin)
			elsewhere := identity.New(identity.Config{}, r.store, nil, nil)
			token, err := r.login("ada", password, "p1")
			r.no(err)
			req := request(identity.TokenHeader, token.Text)
			_, err = r.caller(req)
			r.no(err)
			_, err = elsewhere.Caller(context.Background(), req, nil)
			r.no(err)

			r.no(end(r, token.Text))
			_, err = r.caller(req)
			t.Log(name)
			r.want(err, identity.ErrBadCredential)
			time.Sleep(time.Second)
			_, err = elsewhere.Caller(context.Background(), req, nil)
			r.want(err, identity.ErrBadCredential)
		})
	}
}

// TestGrantsEnd takes a role away from a token and from a key, or gives a lesser one:
// at once here, and within a second elsewhere.
func TestGrantsEnd(t *testing.T) {
	t.Parallel()
	for _, role := range []identity.Role{"", identity.Viewer} {
		inBubble(t, func(r *rig) {
			r.user("ada", "p1", identity.Operator)
			elsewhere := identity.New(identity.Config{SignedWithin: time.Hour}, r.store, r.box, slog.New(slog.DiscardHandler))
			token, err := r.login("ada", password, "p1")
			r.no(err)
			other, err := r.login("ada", password, "p1")
			r.no(err)
			key, err := r.NewKey(context.Background(), "ada", "p1")
			r.no(err)
			by := map[string]func() *http.Request{
				"token": func() *http.Request { return request(identity.TokenHeader, token.Text) },
				"key":   func() *http.Request { return signed(key, time.Now()) },
			}
			may := func(what string, i *identity.Identity) error {
				r.Helper()
				c, err := i.Caller(context.Background(), by[what](), nil)
				r.no(err)
				return c.May("p1", identity.Manage)
			}
			for what := range by {
				r.no(may(what, r.Identity))
				r.no(may(what, elsewhere))
			}
			r.no(r.Grant(context.Background(), "ada", "p1", role))
			for what := range by {
				r.want(may(what, r.Identity), identity.ErrForbidden)
			}
			time.Sleep(time.Second)
			for what := range by {
				r.want(may(what, elsewhere), identity.ErrForbidden)
			}

			// Of two tokens, one that is ended leaves the other; and a key can be deleted.
			r.no(r.Logout(context.Background(), token.Text))
			_, err = r.caller(by["token"]())
			r.want(err, identity.ErrBadCredential)
			_, err = r.caller(request(identity.TokenHeader, other.Text))
			r.no(err)
			r.no(r.RemoveKey(context.Background(), key.Access))
			_, err = r.caller(by["key"]())
			r.want(err, identity.ErrBadCredential)
			time.Sleep(time.Second)
			_, err = elsewhere.Caller(context.Background(), by["key"](), nil)
			r.want(err, identity.ErrBadCredential)
		})
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		r.user("grace", store.AllProjects, identity.Admin)
		r.no(r.newUser("robot", "", "p1", identity.Operator)) // signs only
		for _, c := range []struct {
			name, password, project string
			want                    error
		}{
			{"ada", password, "p1", nil},
			{"ada", password, "p2", identity.ErrForbidden},
			{"ada", "Correct horse", "p1", identity.ErrBadCredential},
			{"ada", "", "p1", identity.ErrBadCredential},
			{"Ada", password, "p1", identity.ErrBadCredential},
			{"nobody", password, "p1", identity.ErrBadCredential},
			{"robot", "", "p1", identity.ErrBadCredential},
			{"grace", password, "p2", nil},
			{"grace", password, store.AllProjects, nil},
		} {
			token, err := r.login(c.name, c.password, c.project)
			r.want(err, c.want)
			if err == nil && (token.Caller.User != c.name || token.Text == "") {
				t.Errorf("got %+v for %s", token, c.name)
			}
		}
		all, err := r.login("grace", password, store.AllProjects)
		r.no(err)
		r.wantCaller(request(identity.TokenHeader, all.Text), identity.Caller{User: "grace", Role: identity.Admin})
		r.want(r.newUser("ada", password, "p1", identity.Operator), store.ErrExists)
	})
}

// Who guesses is refused unheard after a while; others are not.
func TestGuessing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		r.user("grace", "p1", identity.Operator)
		from := func(address string) *http.Request {
			req := request()
			req.RemoteAddr = address + ":1"
			return req
		}
		guess := func(address, name, password string) error {
			_, err := r.Login(context.Background(), from(address), name, password, "p1")
			return err
		}
		for range 20 {
			r.want(guess("192.0.2.1", "ada", "guess"), identity.ErrBadCredential)
		}
		r.want(guess("192.0.2.1", "ada", password), identity.ErrTooMany)
		r.no(guess("192.0.2.1", "grace", password))
		r.no(guess("192.0.2.2", "ada", password))
		time.Sleep(time.Second)
		r.no(guess("192.0.2.1", "ada", password))

		// What cannot be guessed passes, however much is guessed beside it.
		token, err := r.login("ada", password, "p1")
		r.no(err)
		key, err := r.NewKey(context.Background(), "ada", "p1")
		r.no(err)
		for n := range 30 {
			want := identity.ErrBadCredential
			if n >= 20 {
				want = identity.ErrTooMany
			}
			_, err := r.caller(request(identity.TokenHeader, "guess"))
			r.want(err, want)
			_, err = r.caller(signed(identity.Key{Access: key.Access, Secret: "guess"}, time.Now()))
			r.want(err, want)
			_, err = r.caller(request(identity.TokenHeader, token.Text))
			r.no(err)
			_, err = r.caller(signed(key, time.Now()))
			r.no(err)
		}
	})
}

// signed signs a request as the SDKs do.
func signed(key identity.Key, at time.Time) *http.Request {
	req := request("User-Agent", "sdk")
	signature.Sign(req, nil, key.Access, key.Secret, at)
	return req
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		key, err := r.NewKey(context.Background(), "ada", "p1")
		r.no(err)
		ada := identity.Caller{User: "ada", Project: "p1", Role: identity.Operator, Access: key.Access}
		r.wantCaller(signed(key, time.Now()), ada)
		r.wantCaller(signed(key, time.Now().Add(-15*time.Minute)), ada)
		_, err = r.caller(signed(key, time.Now().Add(-16*time.Minute)))
		r.want(err, identity.ErrExpired)

		for name, wrong := range map[string]identity.Key{
			"secret": {Access: key.Access, Secret: "x"},
			"access": {Access: "X", Secret: key.Secret},
			"no key": {Access: "X", Secret: fmt.Sprintf("%040d", 0)}, // with which signatures of no key are compared
		} {
			_, err := r.caller(signed(wrong, time.Now()))
			t.Log(name)
			r.want(err, identity.ErrBadCredential)
		}
		other := signed(key, time.Now())
		other.URL.Path += "/x"
		_, err = r.caller(other)
		r.want(err, identity.ErrBadCredential)
		_, err = r.Caller(context.Background(), signed(key, time.Now()), []byte("another body"))
		r.want(err, identity.ErrBadCredential)

		r.no(r.CheckKeys(context.Background()))
		r.no(r.RemoveKey(context.Background(), key.Access))
		_, err = r.caller(signed(key, time.Now()))
		r.want(err, identity.ErrBadCredential)
	})
}

// A secret that was moved to another key in the database opens for nobody.
func TestASecretBelongsToItsKey(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		one, err := r.NewKey(context.Background(), "ada", "p1")
		r.no(err)
		two, err := r.NewKey(context.Background(), "ada", "p1")
		r.no(err)
		first, _, err := r.store.KeyByAccess(context.Background(), one.Access)
		r.no(err)
		second, _, err := r.store.KeyByAccess(context.Background(), two.Access)
		r.no(err)
		r.no(r.store.ResealKey(context.Background(), two.Access, second.Secret, first.Secret))
		r.want(r.CheckKeys(context.Background()), secret.ErrDamaged)
		_, err = r.caller(signed(identity.Key{Access: two.Access, Secret: one.Secret}, time.Now()))
		r.want(err, secret.ErrDamaged)
	})
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]bool{
		"": false, "1234567": false, "12345678": true, "密码密码密码密码": true, "\xff2345678": false,
	} {
		if got := identity.CheckPassword(password) == nil; got != want {
			t.Errorf("%q: got %t, want %t", password, got, want)
		}
	}
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		r.user("grace", "p1", identity.Operator)
		ada, _, err := r.store.UserByName(context.Background(), "ada")
		r.no(err)
		grace, _, err := r.store.UserByName(context.Background(), "grace")
		r.no(err)
		if ada.Password == grace.Password || len(ada.Password) < 80 {
			t.Errorf("got %s and %s, want salted hashes", ada.Password, grace.Password)
		}
	})
}
