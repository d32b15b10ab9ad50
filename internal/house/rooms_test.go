// Package house is tests only: it reads the sources of this repository and
// fails where they do not keep the shape that docs/architecture.md describes.
// It reads the files themselves, since what a tool says about packages is
// cached with the test's result. It knows syntax, and nothing of what the
// sources mean.
package house_test

// room is a package: what it may import of ours, and how it must behave.
type room struct {
	path    string   // in the module
	imports []string // paths in the module
	pure    bool     // no I/O, no clock, no chance, no goroutine, no lock
}

// rooms holds every package under internal and cmd. A package without a row has
// no place yet: a new one begins with its row. Imports run one way, from the
// commands down to the pure rooms; tests may import more.
var rooms = []room{
	// How graphs, executions, triggers and functions are named.
	{path: "internal/urn", pure: true},

	// JSON texts, kept as they came: reading them strictly, selecting from them
	// by JSONPath, comparing their numbers, all within a budget of steps.
	{path: "internal/payload", pure: true},

	// The graph document: its rules, every fault in it with code and place, and
	// the checked form that runs.
	{path: "internal/definition", pure: true, imports: []string{"internal/payload", "internal/urn"}},

	// The sources of events: what a trigger may watch, and which events it is for.
	{path: "internal/trigger", pure: true, imports: []string{"internal/payload", "internal/urn"}},

	// When a timer fires: cron expressions, fixed rates, missed fire times.
	{path: "internal/schedule", pure: true},

	// What event sources send, in their own forms, as events that triggers match.
	{path: "internal/source", imports: []string{"internal/payload", "internal/trigger", "internal/urn"}},

	// Events from subjects of a NATS server.
	{path: "internal/source/nats", imports: []string{"internal/source"}},

	// The kinds of record that an execution leaves, and their stored bytes.
	{path: "internal/journal", pure: true},

	// What follows from what happened: the state machine of one execution.
	{path: "internal/machine", pure: true, imports: []string{"internal/definition", "internal/payload", "internal/journal", "internal/urn"}},

	// Random graphs, for the tests of the machine and of what drives it.
	{path: "internal/machine/graphtest", imports: []string{"internal/definition"}},

	// Who did what: entries that confirm each other, and how deeds are entered.
	{path: "internal/audit", imports: []string{"internal/journal"}},

	// What keeping things promises: interfaces, row types, errors.
	{path: "internal/store", imports: []string{"internal/audit", "internal/journal"}},

	// The promises in plain maps: the reference, for tests, with faults on demand.
	{path: "internal/store/memory", imports: []string{"internal/audit", "internal/store", "internal/journal"}},

	// The number of the last acknowledged commit, kept outside the database.
	{path: "internal/store/mark"},

	// Migrating a database, and refusing one that a newer program has migrated.
	{path: "internal/store/schema"},

	// How the SQL stores find executions by name: in blocks, whose names are counted.
	{path: "internal/store/block", imports: []string{"internal/store"}},

	// The promises on SQLite: SQL, migrations, the meaning of its error codes.
	{path: "internal/store/sqlite", imports: []string{
		"internal/audit", "internal/store", "internal/store/block", "internal/store/mark", "internal/store/schema", "internal/journal",
	}},

	// The promises on PostgreSQL: the same, and how a lost connection is met.
	{path: "internal/store/postgres", imports: []string{
		"internal/audit", "internal/store", "internal/store/block", "internal/store/mark", "internal/store/schema", "internal/journal",
	}},

	// What stands between that and its server, in tests.
	{path: "internal/store/postgres/proxytest"},

	// The tests that every store passes.
	{path: "internal/store/storetest", imports: []string{"internal/audit", "internal/store", "internal/journal"}},

	// Sealing what a copy of the database must not tell.
	{path: "internal/secret"},

	// Which functions there are, and how one call of one is carried out.
	{path: "internal/function", imports: []string{"internal/urn", "internal/store"}},

	// The tokens with which functions report results later.
	{path: "internal/callback", imports: []string{"internal/secret", "internal/store"}},

	// Who is let in while there is not room for all: fair between projects.
	{path: "internal/admission"},

	// Waking one goroutine at the earliest of many moments.
	{path: "internal/alarm", imports: []string{"internal/journal"}},

	// The code of functions: archives by strangers, checked and unpacked.
	{path: "internal/function/archive"},

	// Programs that may do harm, in cells that keep it inside.
	{path: "internal/function/confine", imports: []string{"internal/function/gate"}},

	// The way out of a network of one's own: who connects in a program's place.
	{path: "internal/function/gate"},

	// What functions write to their logs: the newest of it.
	{path: "internal/function/logbook"},

	// Functions that run on this machine: instances, and which call gets which.
	{path: "internal/function/process", imports: []string{
		"internal/function", "internal/function/archive", "internal/function/confine", "internal/function/logbook",
	}},

	// The functions that people create, and which of them a call means.
	{path: "internal/function/catalog", imports: []string{
		"internal/function", "internal/secret", "internal/urn", "internal/store", "internal/journal",
	}},

	// Asynchronous invocations: tried until they are done with.
	{path: "internal/function/queue", imports: []string{
		"internal/function", "internal/function/catalog", "internal/alarm", "internal/store", "internal/journal",
	}},

	// Executions that move: who owns them, what is committed, what is carried
	// out then, when to look again.
	{path: "internal/engine", imports: []string{
		"internal/admission", "internal/alarm", "internal/machine", "internal/definition", "internal/journal", "internal/store",
		"internal/urn",
	}},

	// Time zones by their names.
	{path: "internal/zone"},

	// What comes in by itself, timers that fire and events, and starts executions
	// or reaches those that wait.
	{path: "internal/intake", imports: []string{
		"internal/admission", "internal/urn", "internal/schedule", "internal/zone", "internal/alarm", "internal/journal", "internal/store", "internal/engine",
		"internal/source", "internal/trigger",
	}},

	// What the calls of every API have in common, from the request's id to the line
	// in the log.
	{path: "internal/exchange", imports: []string{"internal/audit"}},

	// The pages that describe an API, for the tests that hold it to them.
	{path: "internal/exchange/pagetest"},

	// The API: routes, the shapes of requests and answers, errors as statuses.
	{path: "internal/api", imports: []string{
		"internal/urn", "internal/payload", "internal/definition", "internal/trigger", "internal/source", "internal/journal", "internal/store", "internal/engine",
		"internal/audit", "internal/exchange", "internal/identity", "internal/intake", "internal/schedule", "internal/zone", "internal/callback", "internal/function",
		"internal/secret",
	}},

	// The API of functions, in another version than that of graphs.
	{path: "internal/functionapi", imports: []string{
		"internal/urn", "internal/journal", "internal/store", "internal/admission", "internal/audit", "internal/exchange", "internal/identity",
		"internal/function", "internal/function/catalog", "internal/function/logbook",
	}},

	// Flags, environment and file as one checked struct.
	{path: "internal/config", imports: []string{"internal/urn", "internal/zone"}},

	// Who calls, and what he may do: users, tokens, keys, roles.
	{path: "internal/identity", imports: []string{
		"internal/exchange", "internal/identity/signature", "internal/journal", "internal/secret", "internal/store",
	}},

	// Whether a request was signed with a secret key.
	{path: "internal/identity/signature"},

	// The API as its callers see it, for programs in Go.
	{path: "internal/client"},

	// Which store, which functions, which listener; the order of start and stop.
	{path: "internal/server", imports: []string{
		"internal/urn", "internal/payload", "internal/definition", "internal/journal", "internal/machine",
		"internal/store", "internal/store/sqlite", "internal/store/postgres",
		"internal/function", "internal/function/catalog", "internal/function/queue", "internal/function/process",
		"internal/function/confine", "internal/function/logbook", "internal/functionapi", "internal/secret",
		"internal/callback", "internal/admission", "internal/engine", "internal/intake", "internal/source", "internal/source/nats",
		"internal/api", "internal/audit", "internal/config", "internal/exchange", "internal/identity",
	}},

	// The command line: arguments, signals, exit codes, what a person reads.
	{path: "cmd/heddle", imports: []string{
		"internal/audit", "internal/config", "internal/server", "internal/definition", "internal/client", "internal/journal", "internal/identity/signature", "internal/urn", "internal/function/confine", "internal/schedule",
		"internal/zone",
		"examples", "examples/endpoints",
	}},

	// Tests only: the engine's turn under faults, driven by a seed.
	{path: "internal/simulation"},

	// The shape of all this.
	{path: "internal/house"},
}

// roomOf returns the room at a path in the module, or nil.
func roomOf(path string) *room {
	for i := range rooms {
		if rooms[i].path == path {
			return &rooms[i]
		}
	}
	return nil
}
