package store

import (
	"context"

	"heddle/internal/journal"
)

// Role is what a user may do in a project. What that is, is not known here.
type Role string

// AllProjects is the project of a grant that holds in all of them.
const AllProjects = "*"

// Project is a project that has been made known. Objects may belong to others too.
type Project struct {
	ID        string
	Name      string // unique
	CreatedAt journal.Millis
}

// UserID names a user inside the store. It is never used again.
type UserID int64

// User is somebody who can prove who he is.
type User struct {
	ID        UserID
	Name      string // unique
	Password  string // its hash, in a form that says how it was made; "" if there is none
	Disabled  bool
	CreatedAt journal.Millis
}

// Grant lets a user act in a project.
type Grant struct {
	User    UserID
	Project string // or AllProjects
	Role    Role
}

// Identities keeps who there is. Whatever a user had goes with the user.
type Identities interface {
	// CreateProject makes a project known. It returns ErrExists if the id or the
	// name is taken.
	CreateProject(ctx context.Context, p Project) error
	// Projects returns all projects, by name.
	Projects(ctx context.Context) ([]Project, error)
	// CreateUser stores a user with grants, whose user is the new one. It returns
	// ErrExists if the name is taken.
	CreateUser(ctx context.Context, u User, grants ...Grant) (UserID, error)
	// ChangeUser stores another password, or whether the user is disabled. The
	// user's tokens end with that.
	ChangeUser(ctx context.Context, u User) error
	// DeleteUser removes a user with grants, keys and tokens.
	DeleteUser(ctx context.Context, id UserID) error
	// Users returns all users, by name.
	Users(ctx context.Context) ([]User, error)
	// UserByName returns a user with all grants, by project.
	UserByName(ctx context.Context, name string) (User, []Grant, error)
	// SetGrant gives a user a role in a project, in the place of another; an empty
	// role ends the grant. It returns ErrNotFound if there is no such user.
	SetGrant(ctx context.Context, g Grant) error
}

// Credential is what a caller proved to have: a key or a token, and what stands
// behind it now.
type Credential struct {
	User    string // the name
	Project string // for which it was made
	Role    Role   // of the user in that project: the grant for it, else the one for all; "" if there is none any more
	Expires journal.Millis
}

// AccessKey lets a user sign requests in a project.
type AccessKey struct {
	Access    string // unique, and public
	Secret    []byte // sealed
	User      UserID
	Project   string
	CreatedAt journal.Millis

	// Known to the store, and set in what it returns.
	UserName string
}

// Token lets whoever has it act for a user in a project, for a while.
type Token struct {
	Hash    [32]byte // of the token, which is kept nowhere
	User    UserID
	Project string
	Expires journal.Millis
}

// Credentials keeps keys and tokens. Those of a disabled user are not found.
type Credentials interface {
	// CreateKey stores a key. It returns ErrNotFound if there is no such user.
	CreateKey(ctx context.Context, k AccessKey) error
	// KeyByAccess returns a key and what it stands for.
	KeyByAccess(ctx context.Context, access string) (AccessKey, Credential, error)
	// Keys returns all keys, by user and access.
	Keys(ctx context.Context) ([]AccessKey, error)
	// ResealKey puts another sealed secret in the place of one.
	ResealKey(ctx context.Context, access string, from, to []byte) error
	// DeleteKey removes a key, or returns ErrNotFound.
	DeleteKey(ctx context.Context, access string) error
	// CreateToken stores a token, and removes some that have expired.
	CreateToken(ctx context.Context, t Token, now journal.Millis) error
	// TokenByHash returns what a token stands for, also if it has expired.
	TokenByHash(ctx context.Context, hash [32]byte) (Credential, error)
	// DeleteToken ends a token, or returns ErrNotFound.
	DeleteToken(ctx context.Context, hash [32]byte) error
}
