package store

import (
	"context"

	"heddle/internal/journal"
)

// FunctionID names a function inside the store. It is never used again, also
// not for a function that gets a deleted one's name.
type FunctionID int64

// FunctionRevision names what one version of a function is at a time. It is
// never used again by any version of any function, so whatever is made from it
// can be kept under it.
type FunctionRevision int64

// FunctionName names a function from outside. Names are compared byte by byte.
type FunctionName struct{ Project, Package, Name string }

// VersionLatest is the version that every function has, and the only one that
// changes. The others are published from it.
const VersionLatest = "latest"

// Function is a function as stored. What its settings and configurations say
// is not known here.
type Function struct {
	ID FunctionID
	FunctionName
	CreatedAt journal.Millis
	Settings  Settings
	Latest    FunctionVersion
}

// Settings hold for all versions of a function.
type Settings struct {
	Revision int // counts the changes, from 1
	Text     []byte
}

// FunctionVersion is the code and the configuration of a function at a time.
type FunctionVersion struct {
	Version    string
	Revision   FunctionRevision
	ModifiedAt journal.Millis
	Config     []byte
	Digest     string // of the code; "" if there is none here
}

// Code is the code of function versions. Versions of one digest share it; it is
// removed with the last of them.
type Code struct {
	Digest string
	Body   []byte
}

// Functions keeps functions.
type Functions interface {
	// CreateFunction stores a function with its latest version; code is nil if
	// that has none. The function comes back with the id and the revisions that
	// it got. It returns ErrExists if the project has a function of that name.
	CreateFunction(ctx context.Context, f Function, code *Code) (Function, error)
	// FunctionByName returns a function.
	FunctionByName(ctx context.Context, name FunctionName) (Function, error)
	// ListFunctions returns a page of a project's functions, in the order of their
	// ids, and the number of all that match. Of the page, only Offset and Limit count.
	ListFunctions(ctx context.Context, f FunctionFilter, page Page) ([]Function, int64, error)
	// ChangeSettings stores new settings and returns their revision. It returns
	// ErrStale if the settings have not the revision from.
	ChangeSettings(ctx context.Context, id FunctionID, from int, text []byte) (int, error)
	// DeleteFunction removes the function with its versions and frees its name. Its
	// invocations are neither claimed nor listed any more; ExpireInvocations
	// removes them.
	DeleteFunction(ctx context.Context, id FunctionID) error
}

// FunctionVersions keeps the versions of functions, and their code.
type FunctionVersions interface {
	// UpdateLatest stores a new latest version and returns its revision. The code
	// is nil if it is stored already or there is none. It returns ErrStale if the
	// latest version has not the revision from.
	UpdateLatest(ctx context.Context, id FunctionID, from FunctionRevision, v FunctionVersion, code *Code) (FunctionRevision, error)
	// PublishVersion stores a version beside the latest, with its code, which is
	// stored already. It returns ErrExists if the function has a version of that
	// name, and ErrStale if the latest version has not the revision from.
	PublishVersion(ctx context.Context, id FunctionID, from FunctionRevision, v FunctionVersion) (FunctionRevision, error)
	// FunctionVersion returns one version of a function.
	FunctionVersion(ctx context.Context, id FunctionID, version string) (FunctionVersion, error)
	// ListFunctionVersions returns a page of a function's versions, the latest
	// first, then the others, newest first, and the number of all. Of the page,
	// only Offset and Limit count.
	ListFunctionVersions(ctx context.Context, id FunctionID, page Page) ([]FunctionVersion, int64, error)
	// DeleteFunctionVersion removes a published version. It returns ErrStale if the
	// function's settings have not the revision from: they may name the version.
	DeleteFunctionVersion(ctx context.Context, id FunctionID, from int, version string) error
	// FunctionCode returns the code of a digest.
	FunctionCode(ctx context.Context, digest string) ([]byte, error)
	// FunctionBytes returns how many bytes of code a project's functions have,
	// counted once for each version.
	FunctionBytes(ctx context.Context, project string) (int64, error)
}

// VersionConfig is the configuration of a version of some function.
type VersionConfig struct {
	FunctionName
	Revision FunctionRevision
	Config   []byte
}

// FunctionConfigs lets the form of configurations be changed, all over.
type FunctionConfigs interface {
	// VersionConfigs returns configurations of versions of any function, in the order
	// of their revisions, from the first one after a revision, limit at most.
	VersionConfigs(ctx context.Context, after FunctionRevision, limit int) ([]VersionConfig, error)
	// RewriteConfig puts another configuration in the place of one, which means the
	// same: the revision stays. It returns ErrNotFound if the version has gone, or
	// has another configuration by now.
	RewriteConfig(ctx context.Context, revision FunctionRevision, from, to []byte) error
}

// FunctionFilter chooses functions. Empty fields choose all.
type FunctionFilter struct {
	Project    string // never empty
	Package    string
	NamePrefix string
}
