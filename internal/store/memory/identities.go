package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"heddle/internal/store"
)

// identities is who there is.
type identities struct {
	projects map[string]store.Project
	lastUser store.UserID
	users    map[store.UserID]store.User
	grants   map[grantKey]store.Role
	access   map[string]store.AccessKey
	tokens   map[[32]byte]store.Token
}

type grantKey struct {
	user    store.UserID
	project string
}

func newIdentities() identities {
	return identities{
		projects: map[string]store.Project{},
		users:    map[store.UserID]store.User{},
		grants:   map[grantKey]store.Role{},
		access:   map[string]store.AccessKey{},
		tokens:   map[[32]byte]store.Token{},
	}
}

func (d identities) clone() identities {
	d.projects, d.users, d.grants = maps.Clone(d.projects), maps.Clone(d.users), maps.Clone(d.grants)
	d.access, d.tokens = maps.Clone(d.access), maps.Clone(d.tokens)
	return d
}

// CreateProject makes a project known.
func (s *Store) CreateProject(ctx context.Context, p store.Project) error {
	return s.write(ctx, "CreateProject", func() error {
		for _, other := range s.projects {
			if other.ID == p.ID || other.Name == p.Name {
				return store.ErrExists
			}
		}
		s.projects[p.ID] = p
		return nil
	})
}

// Projects returns all projects.
func (s *Store) Projects(ctx context.Context) (projects []store.Project, err error) {
	err = s.read(ctx, "Projects", func() error {
		projects = slices.SortedFunc(maps.Values(s.projects), func(a, b store.Project) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
	return projects, err
}

// CreateUser stores a user with grants.
func (s *Store) CreateUser(ctx context.Context, u store.User, grants ...store.Grant) (store.UserID, error) {
	err := s.write(ctx, "CreateUser", func() error {
		for _, other := range s.users {
			if other.Name == u.Name {
				return store.ErrExists
			}
		}
		s.lastUser++
		u.ID = s.lastUser
		s.users[u.ID] = u
		for _, g := range grants {
			s.grants[grantKey{u.ID, g.Project}] = g.Role
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return u.ID, nil
}

// ChangeUser stores another password, or whether the user is disabled.
func (s *Store) ChangeUser(ctx context.Context, u store.User) error {
	return s.write(ctx, "ChangeUser", func() error {
		former, ok := s.users[u.ID]
		if !ok {
			return store.ErrNotFound
		}
		former.Password, former.Disabled = u.Password, u.Disabled
		s.users[u.ID] = former
		maps.DeleteFunc(s.tokens, func(_ [32]byte, t store.Token) bool { return t.User == u.ID })
		return nil
	})
}

// DeleteUser removes a user with all that is the user's.
func (s *Store) DeleteUser(ctx context.Context, id store.UserID) error {
	return s.write(ctx, "DeleteUser", func() error {
		if _, ok := s.users[id]; !ok {
			return store.ErrNotFound
		}
		delete(s.users, id)
		maps.DeleteFunc(s.grants, func(k grantKey, _ store.Role) bool { return k.user == id })
		maps.DeleteFunc(s.access, func(_ string, k store.AccessKey) bool { return k.User == id })
		maps.DeleteFunc(s.tokens, func(_ [32]byte, t store.Token) bool { return t.User == id })
		return nil
	})
}

// Users returns all users.
func (s *Store) Users(ctx context.Context) (users []store.User, err error) {
	err = s.read(ctx, "Users", func() error {
		users = slices.SortedFunc(maps.Values(s.users), func(a, b store.User) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
	return users, err
}

// UserByName returns a user with all grants.
func (s *Store) UserByName(ctx context.Context, name string) (found store.User, grants []store.Grant, err error) {
	err = s.read(ctx, "UserByName", func() error {
		for _, u := range s.users {
			if u.Name == name {
				found = u
			}
		}
		if found.ID == 0 {
			return store.ErrNotFound
		}
		for k, role := range s.grants {
			if k.user == found.ID {
				grants = append(grants, store.Grant{User: k.user, Project: k.project, Role: role})
			}
		}
		slices.SortFunc(grants, func(a, b store.Grant) int { return cmp.Compare(a.Project, b.Project) })
		return nil
	})
	return found, grants, err
}

// SetGrant gives a user a role in a project, or none.
func (s *Store) SetGrant(ctx context.Context, g store.Grant) error {
	return s.write(ctx, "SetGrant", func() error {
		if _, ok := s.users[g.User]; !ok {
			return store.ErrNotFound
		}
		if g.Role == "" {
			delete(s.grants, grantKey{g.User, g.Project})
			return nil
		}
		s.grants[grantKey{g.User, g.Project}] = g.Role
		return nil
	})
}

// roleIn returns a user's role in a project: of the grant for it, else of the one
// for all.
func (d *identities) roleIn(user store.UserID, project string) store.Role {
	return cmp.Or(d.grants[grantKey{user, project}], d.grants[grantKey{user, store.AllProjects}])
}
