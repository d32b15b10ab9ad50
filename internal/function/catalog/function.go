package catalog

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Function is a stored function.
type Function struct {
	ID store.FunctionID
	store.FunctionName
	CreatedAt journal.Millis
	Settings
	Latest Version

	revision int // of the settings
}

// Settings hold for all versions of a function. This is also their stored form.
type Settings struct {
	// InstancesMax is how many instances there may be at a time. -1 is no limit
	// but that of the machine; 0 disables the function.
	InstancesMax int                    `json:"instances_max"`
	CallsMax     int                    `json:"calls_max"` // of one instance at a time, from 1
	Aliases      map[string]Alias       `json:"aliases,omitempty"`
	Async        map[string]AsyncConfig `json:"async,omitempty"` // by version or "!alias"
}

// Alias is a name for a version.
type Alias struct {
	Version     string         `json:"version"`
	Description string         `json:"description,omitempty"`
	Weights     map[string]int `json:"weights,omitempty"` // of other versions, in percent
	ModifiedAt  journal.Millis `json:"modified_at"`
}

// AsyncConfig says how asynchronous invocations are treated.
type AsyncConfig struct {
	AgeMax     int            `json:"age_max"`     // seconds; an older invocation is discarded
	RetriesMax int            `json:"retries_max"` // of one that has failed
	CreatedAt  journal.Millis `json:"created_at"`
	ModifiedAt journal.Millis `json:"modified_at"`
}

// DefaultAsync is what counts where nothing is configured.
var DefaultAsync = AsyncConfig{AgeMax: 3600, RetriesMax: 1}

// Version is one version of a function.
type Version struct {
	Name       string
	Revision   store.FunctionRevision
	ModifiedAt journal.Millis
	Digest     string // SHA-512 of the code, in hexadecimal digits; "" if that is elsewhere
	Properties
}

// Properties are what whoever creates a function says of it. This is also their
// stored form.
type Properties struct {
	Runtime     string `json:"runtime"`
	Handler     string `json:"handler"`
	Timeout     int    `json:"timeout"`     // seconds
	MemorySize  int    `json:"memory_size"` // MiB
	Description string `json:"description,omitempty"`

	CodeType     string `json:"code_type"`
	CodeURL      string `json:"code_url,omitempty"` // where a function of the runtime http is
	CodeFilename string `json:"code_filename,omitempty"`
	CodeSize     int64  `json:"code_size"`

	UserData string `json:"user_data,omitempty"` // a JSON object of texts
	Secrets  []byte `json:"secrets,omitempty"`   // another one, sealed
	// SecretNames are the names in it, which are no secrets.
	SecretNames []string `json:"secret_names,omitempty"`

	InitializerHandler string `json:"initializer_handler,omitempty"`
	InitializerTimeout int    `json:"initializer_timeout,omitzero"` // seconds

	// Labels mean nothing here. They come back as they were given.
	Labels map[string]string `json:"labels,omitempty"`
}

// RuntimeHTTP is the runtime of functions that are somewhere else.
const RuntimeHTTP = "http"

// CodeURL is the code type of functions that are somewhere else.
const CodeURL = "url"

// functionFrom reads a stored function.
func functionFrom(s store.Function) (Function, error) {
	f := Function{ID: s.ID, FunctionName: s.FunctionName, CreatedAt: s.CreatedAt, revision: s.Settings.Revision}
	if err := json.Unmarshal(s.Settings.Text, &f.Settings); err != nil {
		return Function{}, fmt.Errorf("read settings of function %d: %w", s.ID, err)
	}
	var err error
	f.Latest, err = versionFrom(s.Latest)
	return f, err
}

func versionFrom(s store.FunctionVersion) (Version, error) {
	v := Version{Name: s.Version, Revision: s.Revision, ModifiedAt: s.ModifiedAt, Digest: s.Digest}
	if err := json.Unmarshal(s.Config, &v.Properties); err != nil {
		return Version{}, fmt.Errorf("read version %d of a function: %w", s.Revision, err)
	}
	return v, nil
}

func (v Version) stored() store.FunctionVersion {
	return store.FunctionVersion{
		Version: v.Name, ModifiedAt: v.ModifiedAt, Config: encode(v.Properties), Digest: v.Digest,
	}
}

// encode writes a stored form. Maps are written in the order of their keys, so
// that equal values have equal forms.
func encode(v any) []byte {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // the forms hold nothing that could not be encoded
	}
	return text
}

// digest names code.
func digest(code []byte) string {
	sum := sha512.Sum512(code)
	return hex.EncodeToString(sum[:])
}
