// Package config brings flags, environment and file together into one checked
// struct.
//
// A setting has one name: --data-dir on the command line is HEDDLE_DATA_DIR in
// the environment and data-dir in the file. The command line wins over the
// environment, the environment over the file, the file over the default; an
// empty variable or an empty value in the file counts as not set. The list of
// functions stands in the file only.
//
// The package reads the one file and looks nothing else up. Which functions can
// be called, it leaves to those who call them: what a list says of its
// functions is not checked here.
package config

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/spf13/pflag"
)

// Config says how a server works.
type Config struct {
	File string // path of the configuration file; heddle.yaml, which may be missing

	Listen    string // host:port to serve the API on; 127.0.0.1:8480; port 0 takes a free one
	TLSCert   string // file of the certificate, with its chain, that is shown to callers; if empty, TLS is not spoken; looked at anew when it changes
	TLSKey    string // file of its key
	PublicURL string // of the API as functions reach it, to report results later; if empty, what Listen says
	Hosts     string // names by which callers reach the server beside localhost and what Listen and PublicURL say, separated by commas; looked at as long as there is no user

	InsecureHTTP   bool   // speak HTTP without TLS on an address that other machines reach
	TrustedProxies string // networks of proxies that say for whom they send a request, such as 10.0.0.0/8, separated by commas, or all, or none; none
	Region         string // of the URNs that are made and understood; local; 1 to 64 letters, digits, '-' and '_'

	DataDir           string // directory of the database and of what a node notes for itself; ./heddle-data; made if missing
	Store             string // URL of a PostgreSQL database; if empty, the database is SQLite in DataDir
	SecretKeyFile     string // file of the keys under which secrets are stored; if empty, secret.key in DataDir; made when it is needed first
	SealingKeys       string // these keys, instead of a file; not on the command line, which others see
	AdminPasswordFile string // file with a password: where there is no user, a user admin with it is made; if empty, none is

	AcceptDataLoss    bool // start although the database lacks commits that were acknowledged
	AcceptLostSecrets bool // start although stored secrets cannot be opened

	FunctionNetworks string // where functions may be beside public addresses: networks such as 10.0.0.0/8, separated by commas, or all, or none; if empty, all if Listen is a loopback address, else none

	Audit string // what is entered in the audit log: changes, or all: also what starts executions or brings them on; changes

	LogFormat string     // text or json; text
	LogLevel  slog.Level // the least that is logged; INFO

	ShutdownTimeout time.Duration // from the signal to the end of the process; 10s; up to 10m
	LeaseDuration   time.Duration // how long executions stay a node's if it falls silent; 30s; 1s to 10m

	Retention time.Duration // how long executions are kept once they have ended; 0, the default, until their graph is deleted; or from 1m

	TimeZone string // of timers for which none is named; UTC; a name of the time zone database

	NATS NATS

	Quotas       Quotas
	Limits       Limits
	Local        Local
	Functions    []Function    // that graphs can call
	EventSources []EventSource // that send events over HTTP
}

// NATS says from where events are taken that are published on a NATS server.
type NATS struct {
	URL         string // of the server, or several with commas between; if empty, none are taken
	Credentials string // file with the user's credentials; if empty, none are sent
	Stream      string // of the events; heddle-events; made if missing
	Subject     string // below which they are published; heddle.events
}

// Quotas are what a project may have that has not been given other quotas; it
// keeps what they are at its first use. Beyond them creating is refused.
type Quotas struct {
	Graphs   int // 512; up to 10000
	Triggers int // 5000; up to 10000
}

// Limits bound what the server takes on. Each says what happens at it.
type Limits struct {
	StateVisits    int // states that an execution may enter, then it fails; 10000; up to 1000000
	ExtendElements int // elements of a dynamic-extend, beyond them the execution fails; 1000; up to 100000
	ExtendParallel int // elements of a dynamic-extend worked on at a time, the rest waits; 40; up to 1000
	ResultBytes    int // of a function's result, beyond them the call fails; 262144; up to 16 MiB
	OpenExecutions int // executions in motion, held in memory, then starts are refused; 100000; up to 100000000
	PendingStarts  int // starts on their way to the disk, then starts are refused; 384; up to 100000
	CallsInFlight  int // calls of functions at a time, the rest waits; 1024; up to 65536
	ProjectShare   int // of each of these three, in percent, that one project may take; 75; 1 to 100
	FunctionCalls  int // calls of one function at a time, unless it has a limit of its own, the rest waits; 256; up to 65536
	PendingEvents  int // events that wait to be handed on, then events are refused; 100000; up to 10000000
	Connections    int // of clients at a time, beyond them the one that is idle for longest is closed, or the new one; 4096; up to 1000000
	ConnectionsOf  int // of these from one address that is neither this machine's nor a trusted proxy's, likewise; 0, the default, a quarter; up to 1000000
	ProjectRate    int // requests of a project in a second, twice as many at once, beyond them they are refused; 0, the default, any number; up to 1000000
	RequestBytes   int // of a request to the API, beyond them it is refused; 1048576; 1 KiB to 64 MiB

	Instances         int // of functions that run here, at a time, then calls wait; 32; up to 10000
	FunctionInstances int // of one version of such a function, likewise; 8; up to 1000

	StartWait time.Duration // how long a start waits for its way to the disk to begin, then it is refused; 1s; 1ms to 10s
}

// Local says how functions run on this machine.
type Local struct {
	Functions string        // on, off or auto: on if Listen is an address that only this machine reaches; auto
	Network   string        // outward: what calls of functions may reach, and nothing of this machine; none: nothing; host: whatever the server reaches; auto: the first of these that can be had, but host only if Listen is an address that only this machine reaches; auto
	Users     string        // FIRST-LAST: numbers of the users that functions run as when the server is root; 1900000000-1900000999
	Idle      time.Duration // how long an instance is kept without a call; 5m; 1s to 24h
}

// FromOneAddress returns how many connections there may be from one address.
func (l Limits) FromOneAddress() int { return cmp.Or(l.ConnectionsOf, max(1, l.Connections/4)) }

// ShareOf returns the part of a limit that one project may take: 1 at least.
func (l Limits) ShareOf(limit int) int { return max(1, limit*l.ProjectShare/100) }

// Function says where a function is found.
type Function struct {
	URN     string
	URL     string
	Headers map[string]string // sent with each call; ${NAME} in a value is replaced already

	CallsMax int // in flight at a time; 0: as many as Limits.FunctionCalls says
}

// EventSource says how those that send a project's events over HTTP prove who
// they are, and what their CloudEvents are.
type EventSource struct {
	Project string
	Secret  string  // that their requests carry; ${NAME} in it is replaced already
	Topics  []Topic // the first that fits counts
}

// Topic says that certain CloudEvents are messages of a topic. A source or type
// that ends in * stands for all that begin like it.
type Topic struct{ Source, Type, Topic string }

// Default returns the settings that hold where nothing else is said.
func Default() Config {
	var c Config
	define(pflag.NewFlagSet("", pflag.ContinueOnError), &c)
	return c
}

// Flags defines a flag for each setting, for Load to find.
func Flags(fs *pflag.FlagSet) {
	define(fs, new(Config))
}

// define binds each setting to its field of c, and gives that its default.
func define(fs *pflag.FlagSet, c *Config) {
	fs.StringVar(&c.File, "config", "heddle.yaml", "`file` with settings and functions; need not exist unless named here")

	fs.StringVar(&c.Listen, "listen", "127.0.0.1:8480", "`host:port` to serve the API on")
	fs.StringVar(&c.TLSCert, "tls-cert", "", "`file` of the certificate to serve with, with its chain; without it TLS is not spoken")
	fs.StringVar(&c.TLSKey, "tls-key", "", "`file` of the key of that certificate")
	fs.StringVar(&c.PublicURL, "public-url", "", "`URL` of the API as functions reach it, for results that they report later (default http://LISTEN)")
	fs.StringVar(&c.Hosts, "hosts", "", "`names` by which callers reach the server, beside localhost and those in --listen and --public-url, as long as there is no user")
	fs.BoolVar(&c.InsecureHTTP, "insecure-http", false, "speak HTTP without TLS although --listen is an address that other machines reach")
	fs.StringVar(&c.TrustedProxies, "trusted-proxies", "none", "`networks` of proxies whose X-Forwarded-For says who calls: 10.0.0.0/8,127.0.0.0/8, all or none")
	fs.StringVar(&c.Region, "region", "local", "`name` of the region in URNs")

	fs.StringVar(&c.DataDir, "data-dir", "./heddle-data", "`directory` of the database")
	fs.StringVar(&c.Store, "store", "", "`URL` of a PostgreSQL database to use instead, postgres://user@host/database")
	fs.StringVar(&c.SecretKeyFile, "secret-key-file", "", "`file` of the keys that secrets are stored under (default secret.key in the data directory)")
	fs.StringVar(&c.SealingKeys, "sealing-keys", "", "the `keys` that secrets are stored under, instead of a file; only as HEDDLE_SEALING_KEYS or in the configuration file")
	fs.StringVar(&c.AdminPasswordFile, "admin-password-file", "", "`file` with the password of the user admin, who is made where there is no user")
	fs.BoolVar(&c.AcceptDataLoss, "accept-data-loss", false, "start although the database lacks acknowledged commits")
	fs.BoolVar(&c.AcceptLostSecrets, "accept-lost-secrets", false, "start although the keys of stored secrets are lost")

	fs.StringVar(&c.FunctionNetworks, "function-networks", "", "`networks` that functions may be in beside public addresses: 10.0.0.0/8,127.0.0.0/8, all or none (default all if --listen is a loopback address, else none)")

	fs.StringVar(&c.Audit, "audit", "changes", "`what` is entered in the audit log: changes, or all, which is also starts, events, work and invocations")
	fs.StringVar(&c.LogFormat, "log-format", "text", "`form` of the log: text or json")
	fs.TextVar(&c.LogLevel, "log-level", slog.LevelInfo, "the least `level` that is logged: debug, info, warn or error")

	fs.DurationVar(&c.ShutdownTimeout, "shutdown-timeout", 10*time.Second, "how long a shutdown may take")
	fs.DurationVar(&c.LeaseDuration, "lease-duration", 30*time.Second, "how long executions stay with a node that falls silent")

	fs.DurationVar(&c.Retention, "retention", 0, "how long executions are kept once they have ended; 0 keeps them all")

	fs.StringVar(&c.TimeZone, "time-zone", "UTC", "`name` of the time zone of timers for which none is named")

	fs.StringVar(&c.NATS.URL, "nats-url", "", "`URL` of a NATS server from which events are taken, nats://host:4222")
	fs.StringVar(&c.NATS.Credentials, "nats-credentials", "", "`file` with the credentials for that server")
	fs.StringVar(&c.NATS.Stream, "nats-stream", "heddle-events", "`name` of the stream there")
	fs.StringVar(&c.NATS.Subject, "nats-subject", "heddle.events", "`subject` below which events are published there")

	fs.IntVar(&c.Quotas.Graphs, "quota-graphs", 512, "graphs that a project may have, unless it is given another quota")
	fs.IntVar(&c.Quotas.Triggers, "quota-triggers", 5_000, "triggers that a project may have, likewise")

	fs.IntVar(&c.Limits.StateVisits, "limit-state-visits", 10_000, "states that one execution may enter")
	fs.IntVar(&c.Limits.ExtendElements, "limit-extend-elements", 1_000, "elements of a dynamic-extend")
	fs.IntVar(&c.Limits.ExtendParallel, "limit-extend-parallel", 40, "elements of a dynamic-extend at a time")
	fs.IntVar(&c.Limits.ResultBytes, "limit-result-bytes", 256<<10, "bytes of a function's result")
	fs.IntVar(&c.Limits.OpenExecutions, "limit-open-executions", 100_000, "executions in motion")
	fs.IntVar(&c.Limits.PendingStarts, "limit-pending-starts", 384, "starts on their way to the disk")
	fs.IntVar(&c.Limits.CallsInFlight, "limit-calls-in-flight", 1_024, "calls of functions at a time")
	fs.IntVar(&c.Limits.ProjectShare, "limit-project-share", 75, "`percent` of these three limits that one project may take")
	fs.IntVar(&c.Limits.FunctionCalls, "limit-function-calls", 256, "calls of one function at a time")
	fs.IntVar(&c.Limits.PendingEvents, "limit-pending-events", 100_000, "events that wait to be handed on")
	fs.IntVar(&c.Limits.Connections, "limit-connections", 4_096, "connections of clients at a time")
	fs.IntVar(&c.Limits.ConnectionsOf, "limit-address-connections", 0, "connections from one address at a time; 0 is a quarter of all")
	fs.IntVar(&c.Limits.ProjectRate, "limit-project-rate", 0, "requests of a project in a second; 0 sets no limit")
	fs.IntVar(&c.Limits.RequestBytes, "limit-request-bytes", 1<<20, "bytes of a request to the API")

	fs.IntVar(&c.Limits.Instances, "limit-instances", 32, "instances of functions that run on this machine")
	fs.IntVar(&c.Limits.FunctionInstances, "limit-function-instances", 8, "instances of one version of such a function")

	fs.StringVar(&c.Local.Functions, "local-functions", "auto", "`whether` functions may run on this machine: on, off, or auto, which is on if --listen is a loopback address")
	fs.StringVar(&c.Local.Network, "local-network", "auto", "the `network` of these functions: outward, none, host, or auto, which is the first that can be had")
	fs.StringVar(&c.Local.Users, "local-users", "1900000000-1900000999", "numbers `FIRST-LAST` of the users that they run as, if the server is root")
	fs.DurationVar(&c.Local.Idle, "local-idle", 5*time.Minute, "how long an instance of them is kept without a call")

	fs.DurationVar(&c.Limits.StartWait, "limit-start-wait", time.Second, "how long a start waits for the disk before it is refused")
}
