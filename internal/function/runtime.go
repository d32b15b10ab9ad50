package function

import (
	"context"
	"time"
)

// Runtime carries out calls of functions whose code is kept here.
type Runtime interface {
	// Check returns why the function cannot run on this machine, or nil: there is
	// no such runtime here, the handler is malformed, the package is not sound.
	// The error is for whoever creates the function, and says what would be right.
	Check(ctx context.Context, s Spec) error
	// Invoke carries out one call, as an Invoker does. It is asked for
	// synchronous calls only, and ends them after the request's timeout.
	Invoke(ctx context.Context, s Spec, r Request) Result
}

// Spec is one version of a function, as a Runtime needs it. It is never changed
// once made: what is in an instance of one Revision never serves another.
type Spec struct {
	URN     string // lead fss, with the version; aliases are resolved
	Project string
	Package string
	Name    string
	Version string // latest, or a published one
	// Revision is never used again, also not by another function: a change of
	// code or configuration brings a new one.
	Revision int64

	Runtime            string // as whoever created it wrote it: Node.js18.15, Python3.10, Custom
	Handler            string // file.entry
	InitializerHandler string // file.entry; "" if there is none
	InitializerTimeout time.Duration
	Timeout            time.Duration // of one call, that nobody may exceed
	MemoryMiB          int

	UserData map[string]string // environment of the function
	Secrets  map[string]string // the same, of which nothing may reach a log or an error

	InstancesMax int // at a time; -1 if only the machine's limits count; never 0
	CallsMax     int // that one instance serves at a time; from 1

	CodeType string                                    // CodeInline or CodeZip
	Digest   string                                    // SHA-512 of the code, in hexadecimal digits
	Code     func(ctx context.Context) ([]byte, error) // source text, or the zip archive
}

// LogName is the name of a function's log where logs are kept: one for all its
// versions.
func LogName(project, pkg, name string) string { return project + "/" + pkg + "/" + name }

// The forms of code that is kept here.
const (
	CodeInline = "inline" // the source text of the file that the handler names
	CodeZip    = "zip"    // an archive of files
)
