package storetest

import (
	"slices"

	"heddle/internal/store"
)

// user makes a user.
func (f *fixture) user(name string) store.User {
	f.Helper()
	u := store.User{Name: name, Password: "hash of " + name, CreatedAt: 1000}
	id, err := f.store.CreateUser(f.Context(), u)
	f.no(err)
	u.ID = id
	return u
}

func (f *fixture) grant(u store.User, project string, role store.Role) {
	f.Helper()
	f.no(f.store.SetGrant(f.Context(), store.Grant{User: u.ID, Project: project, Role: role}))
}

func testProjects(f *fixture) {
	b, a := store.Project{ID: "1", Name: "b", CreatedAt: 1}, store.Project{ID: "2", Name: "a", CreatedAt: 2}
	f.no(f.store.CreateProject(f.Context(), b))
	f.no(f.store.CreateProject(f.Context(), a))
	f.want(f.store.CreateProject(f.Context(), store.Project{ID: "1", Name: "c"}), store.ErrExists)
	f.want(f.store.CreateProject(f.Context(), store.Project{ID: "3", Name: "a"}), store.ErrExists)
	got, err := f.store.Projects(f.Context())
	f.no(err)
	if !slices.Equal(got, []store.Project{a, b}) {
		f.Errorf("got %+v, want %+v and %+v", got, a, b)
	}
}

func testUsers(f *fixture) {
	grace, ada := f.user("grace"), f.user("ada")
	_, err := f.store.CreateUser(f.Context(), store.User{Name: "ada"})
	f.want(err, store.ErrExists)
	f.grant(ada, "p2", "viewer")
	f.grant(ada, "p1", "viewer")
	f.grant(ada, "p1", "operator")
	f.grant(ada, "p3", "viewer")
	f.grant(ada, "p3", "")
	f.want(f.store.SetGrant(f.Context(), store.Grant{User: ada.ID + 100, Project: "p", Role: "viewer"}), store.ErrNotFound)

	users, err := f.store.Users(f.Context())
	f.no(err)
	if !slices.Equal(users, []store.User{ada, grace}) {
		f.Errorf("got %+v, want %+v and %+v", users, ada, grace)
	}
	got, grants, err := f.store.UserByName(f.Context(), "ada")
	f.no(err)
	want := []store.Grant{{User: ada.ID, Project: "p1", Role: "operator"}, {User: ada.ID, Project: "p2", Role: "viewer"}}
	if got != ada || !slices.Equal(grants, want) {
		f.Errorf("got %+v with %+v, want %+v with %+v", got, grants, ada, want)
	}
	_, _, err = f.store.UserByName(f.Context(), "Ada")
	f.want(err, store.ErrNotFound)

	ada.Password, ada.Disabled = "another", true
	f.no(f.store.ChangeUser(f.Context(), ada))
	if got, _, err := f.store.UserByName(f.Context(), "ada"); err != nil || got != ada {
		f.Errorf("got %+v and %v, want %+v", got, err, ada)
	}
	f.no(f.store.DeleteUser(f.Context(), ada.ID))
	f.want(f.store.DeleteUser(f.Context(), ada.ID), store.ErrNotFound)
	f.want(f.store.ChangeUser(f.Context(), ada), store.ErrNotFound)
	if again := f.user("ada"); again.ID == ada.ID {
		f.Errorf("user id %d is used again", ada.ID)
	}
	if _, grants, err := f.store.UserByName(f.Context(), "ada"); err != nil || len(grants) > 0 {
		f.Errorf("got %+v and %v, want none of another user's grants", grants, err)
	}
	id, err := f.store.CreateUser(f.Context(), store.User{Name: "alan"}, store.Grant{Project: "p1", Role: "viewer"}, store.Grant{Project: "p2", Role: "operator"})
	f.no(err)
	want = []store.Grant{{User: id, Project: "p1", Role: "viewer"}, {User: id, Project: "p2", Role: "operator"}}
	if _, grants, err := f.store.UserByName(f.Context(), "alan"); err != nil || !slices.Equal(grants, want) {
		f.Errorf("got %+v and %v, want %+v", grants, err, want)
	}
}

func testKeys(f *fixture) {
	ada, grace := f.user("ada"), f.user("grace")
	f.grant(ada, store.AllProjects, "viewer")
	f.grant(ada, "p1", "operator")
	key := func(access string, u store.User, project string) store.AccessKey {
		k := store.AccessKey{Access: access, Secret: []byte("sealed\x00" + access), User: u.ID, Project: project, CreatedAt: 1000}
		f.no(f.store.CreateKey(f.Context(), k))
		k.UserName = u.Name
		return k
	}
	one, two, three := key("K3", ada, "p1"), key("K2", ada, "p2"), key("K1", grace, "p1")
	f.want(f.store.CreateKey(f.Context(), store.AccessKey{Access: "K3", User: grace.ID, Secret: []byte("x")}), store.ErrExists)
	f.want(f.store.CreateKey(f.Context(), store.AccessKey{Access: "K4", User: grace.ID + 100, Secret: []byte("x")}), store.ErrNotFound)

	same := func(a, b store.AccessKey) bool {
		secrets := string(a.Secret) == string(b.Secret)
		a.Secret, b.Secret = nil, nil
		return secrets && a.Access == b.Access && a.User == b.User && a.Project == b.Project && a.CreatedAt == b.CreatedAt && a.UserName == b.UserName
	}
	want := func(k store.AccessKey, held store.Credential) {
		f.Helper()
		got, credential, err := f.store.KeyByAccess(f.Context(), k.Access)
		f.no(err)
		if !same(got, k) || credential != held {
			f.Errorf("got %+v for %+v, want %+v for %+v", got, credential, k, held)
		}
	}
	want(one, store.Credential{User: "ada", Project: "p1", Role: "operator"})
	want(two, store.Credential{User: "ada", Project: "p2", Role: "viewer"})
	want(three, store.Credential{User: "grace", Project: "p1"})
	keys, err := f.store.Keys(f.Context())
	f.no(err)
	if !slices.EqualFunc(keys, []store.AccessKey{two, one, three}, same) {
		f.Errorf("got %+v", keys)
	}

	f.want(f.store.ResealKey(f.Context(), "K1", []byte("another"), []byte("x")), store.ErrNotFound)
	f.no(f.store.ResealKey(f.Context(), "K1", three.Secret, []byte("sealed anew")))
	three.Secret = []byte("sealed anew")
	want(three, store.Credential{User: "grace", Project: "p1"})

	f.no(f.store.DeleteKey(f.Context(), "K1"))
	f.want(f.store.DeleteKey(f.Context(), "K1"), store.ErrNotFound)
	_, _, err = f.store.KeyByAccess(f.Context(), "K1")
	f.want(err, store.ErrNotFound)
	ada.Disabled = true
	f.no(f.store.ChangeUser(f.Context(), ada))
	_, _, err = f.store.KeyByAccess(f.Context(), "K2")
	f.want(err, store.ErrNotFound)
	f.no(f.store.DeleteUser(f.Context(), ada.ID))
	if keys, err := f.store.Keys(f.Context()); err != nil || len(keys) > 0 {
		f.Errorf("got %+v and %v, want none", keys, err)
	}
}

func testTokens(f *fixture) {
	ada := f.user("ada")
	f.grant(ada, "p1", "operator")
	token := func(n byte, project string) store.Token {
		t := store.Token{Hash: [32]byte{n}, User: ada.ID, Project: project, Expires: 1000}
		f.no(f.store.CreateToken(f.Context(), t, 500))
		return t
	}
	one, two := token(1, "p1"), token(2, "p2")
	f.want(f.store.CreateToken(f.Context(), one, 500), store.ErrExists)
	f.want(f.store.CreateToken(f.Context(), store.Token{Hash: [32]byte{9}, User: ada.ID + 100}, 500), store.ErrNotFound)

	held, err := f.store.TokenByHash(f.Context(), one.Hash)
	f.no(err)
	if want := (store.Credential{User: "ada", Project: "p1", Role: "operator", Expires: 1000}); held != want {
		f.Errorf("got %+v, want %+v", held, want)
	}
	if held, err := f.store.TokenByHash(f.Context(), two.Hash); err != nil || held.Role != "" {
		f.Errorf("got %+v and %v, want no role", held, err)
	}
	_, err = f.store.TokenByHash(f.Context(), [32]byte{3})
	f.want(err, store.ErrNotFound)

	f.no(f.store.DeleteToken(f.Context(), two.Hash))
	f.want(f.store.DeleteToken(f.Context(), two.Hash), store.ErrNotFound)
	// Another one comes when the first has expired.
	f.no(f.store.CreateToken(f.Context(), store.Token{Hash: [32]byte{4}, User: ada.ID, Project: "p1", Expires: 3000}, 1000))
	_, err = f.store.TokenByHash(f.Context(), one.Hash)
	f.want(err, store.ErrNotFound)

	// A new password ends what the old one has got.
	ada.Password = "another"
	f.no(f.store.ChangeUser(f.Context(), ada))
	_, err = f.store.TokenByHash(f.Context(), [32]byte{4})
	f.want(err, store.ErrNotFound)
}
