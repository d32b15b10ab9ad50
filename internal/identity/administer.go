package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// The length of access keys and secrets, in bytes of chance. The published ones
// have 20 and 40 characters.
const (
	accessBytes = 10
	secretBytes = 20
)

// NameForm is the form of the names of users and projects.
var NameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// ErrFirstUser says that nobody could let others in.
var ErrFirstUser = errors.New("the first user must be an administrator")

// NewUser stores a user with grants. An empty password lets nobody in. The first
// user must be an administrator: from then on everybody has to say who he is.
func (i *Identity) NewUser(ctx context.Context, name, password string, grants ...store.Grant) error {
	users, err := i.store.Users(ctx)
	if err != nil {
		return err
	}
	if len(users) == 0 && roleIn(grants, store.AllProjects) != Admin {
		return ErrFirstUser
	}
	hash := ""
	if password != "" {
		if hash, err = i.hash(ctx, password); err != nil {
			return err
		}
	}
	_, err = i.store.CreateUser(ctx, store.User{Name: name, Password: hash, CreatedAt: nowMillis()}, grants...)
	i.populated.forget()
	return err
}

// SetPassword gives a user another password, and ends the user's tokens.
func (i *Identity) SetPassword(ctx context.Context, name, password string) error {
	return i.changeUser(ctx, name, func(u *store.User) (err error) {
		u.Password, err = i.hash(ctx, password)
		return err
	})
}

// Disable lets a user in no more, or again. It ends the user's tokens.
func (i *Identity) Disable(ctx context.Context, name string, disabled bool) error {
	return i.changeUser(ctx, name, func(u *store.User) error {
		u.Disabled = disabled
		return nil
	})
}

func (i *Identity) changeUser(ctx context.Context, name string, change func(*store.User) error) error {
	u, _, err := i.store.UserByName(ctx, name)
	if err == nil {
		err = change(&u)
	}
	if err == nil {
		err = i.store.ChangeUser(ctx, u)
	}
	i.known.forget()
	return err
}

// RemoveUser removes a user with all that is the user's.
func (i *Identity) RemoveUser(ctx context.Context, name string) error {
	u, _, err := i.store.UserByName(ctx, name)
	if err == nil {
		err = i.store.DeleteUser(ctx, u.ID)
	}
	i.known.forget()
	i.populated.forget()
	return err
}

// Grant gives a user a role in a project, or in store.AllProjects; an empty role
// ends the grant.
func (i *Identity) Grant(ctx context.Context, name, project string, role Role) error {
	u, _, err := i.store.UserByName(ctx, name)
	if err == nil {
		err = i.store.SetGrant(ctx, store.Grant{User: u.ID, Project: project, Role: store.Role(role)})
	}
	i.known.forget()
	return err
}

// Key is an access key that was just made. Its secret is shown once.
type Key struct {
	Access, Secret string
}

// NewKey makes an access key of a user for a project.
func (i *Identity) NewKey(ctx context.Context, name, project string) (Key, error) {
	u, _, err := i.store.UserByName(ctx, name)
	if err != nil {
		return Key{}, err
	}
	k := Key{Access: fmt.Sprintf("%X", chance(accessBytes)), Secret: fmt.Sprintf("%x", chance(secretBytes))}
	row := store.AccessKey{Access: k.Access, User: u.ID, Project: project, CreatedAt: nowMillis()}
	if row.Secret, err = i.box.Seal([]byte(k.Secret), keyOwner(row)...); err != nil {
		return Key{}, err
	}
	return k, i.store.CreateKey(ctx, row)
}

// RemoveKey removes an access key.
func (i *Identity) RemoveKey(ctx context.Context, access string) error {
	err := i.store.DeleteKey(ctx, access)
	i.known.forget()
	return err
}

// keyOwner names whose a sealed secret is: it opens for no other key.
func keyOwner(k store.AccessKey) []string { return []string{"access key", k.Access, k.Project} }

// chance returns so many random bytes.
func chance(n int) []byte {
	raw := make([]byte, n)
	rand.Read(raw)
	return raw
}

func nowMillis() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }
