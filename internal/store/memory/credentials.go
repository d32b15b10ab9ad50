package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// CreateKey stores a key.
func (s *Store) CreateKey(ctx context.Context, k store.AccessKey) error {
	return s.write(ctx, "CreateKey", func() error {
		if _, ok := s.users[k.User]; !ok {
			return store.ErrNotFound
		}
		if _, taken := s.access[k.Access]; taken {
			return store.ErrExists
		}
		k.UserName = ""
		s.access[k.Access] = k
		return nil
	})
}

// KeyByAccess returns a key and what it stands for.
func (s *Store) KeyByAccess(ctx context.Context, access string) (k store.AccessKey, held store.Credential, err error) {
	err = s.read(ctx, "KeyByAccess", func() error {
		var ok bool
		k, ok = s.access[access]
		u := s.users[k.User]
		if !ok || u.Disabled {
			return store.ErrNotFound
		}
		k.UserName = u.Name
		held = store.Credential{User: u.Name, Project: k.Project, Role: s.roleIn(u.ID, k.Project)}
		return nil
	})
	if err != nil {
		return store.AccessKey{}, store.Credential{}, err
	}
	return k, held, nil
}

// Keys returns all keys.
func (s *Store) Keys(ctx context.Context) (keys []store.AccessKey, err error) {
	err = s.read(ctx, "Keys", func() error {
		for _, k := range s.access {
			k.UserName = s.users[k.User].Name
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b store.AccessKey) int {
			return cmp.Or(cmp.Compare(a.UserName, b.UserName), cmp.Compare(a.Access, b.Access))
		})
		return nil
	})
	return keys, err
}

// ResealKey puts another sealed secret in the place of one.
func (s *Store) ResealKey(ctx context.Context, access string, from, to []byte) error {
	return s.write(ctx, "ResealKey", func() error {
		k, ok := s.access[access]
		if !ok || !bytes.Equal(k.Secret, from) {
			return store.ErrNotFound
		}
		k.Secret = to
		s.access[access] = k
		return nil
	})
}

// DeleteKey removes a key.
func (s *Store) DeleteKey(ctx context.Context, access string) error {
	return s.write(ctx, "DeleteKey", func() error {
		if _, ok := s.access[access]; !ok {
			return store.ErrNotFound
		}
		delete(s.access, access)
		return nil
	})
}

// CreateToken stores a token, and removes those that have expired.
func (s *Store) CreateToken(ctx context.Context, t store.Token, now journal.Millis) error {
	return s.write(ctx, "CreateToken", func() error {
		if _, ok := s.users[t.User]; !ok {
			return store.ErrNotFound
		}
		if _, taken := s.tokens[t.Hash]; taken {
			return store.ErrExists
		}
		for hash, other := range s.tokens {
			if other.Expires <= now {
				delete(s.tokens, hash)
			}
		}
		s.tokens[t.Hash] = t
		return nil
	})
}

// TokenByHash returns what a token stands for.
func (s *Store) TokenByHash(ctx context.Context, hash [32]byte) (held store.Credential, err error) {
	err = s.read(ctx, "TokenByHash", func() error {
		t, ok := s.tokens[hash]
		u := s.users[t.User]
		if !ok || u.Disabled {
			return store.ErrNotFound
		}
		held = store.Credential{User: u.Name, Project: t.Project, Role: s.roleIn(u.ID, t.Project), Expires: t.Expires}
		return nil
	})
	return held, err
}

// DeleteToken ends a token.
func (s *Store) DeleteToken(ctx context.Context, hash [32]byte) error {
	return s.write(ctx, "DeleteToken", func() error {
		if _, ok := s.tokens[hash]; !ok {
			return store.ErrNotFound
		}
		delete(s.tokens, hash)
		return nil
	})
}
