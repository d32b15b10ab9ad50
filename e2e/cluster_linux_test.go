package e2e

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server of a test's own: its data directory, its port,
// and its process, if there is one at the moment.
type cluster struct {
	t        *testing.T
	programs string              // the directory of initdb and postgres
	home     string              // a directory that its user may enter
	dir      string              // the data directory
	settings map[string]string   // of every process
	owner    *syscall.Credential // as whom it runs, since it refuses root; nil: as the test

	process *exec.Cmd
	exited  chan struct{} // closed once the process has ended
}

// clusterSettings keep a cluster small, and to itself.
var clusterSettings = map[string]string{
	"listen_addresses":        "127.0.0.1",
	"unix_socket_directories": "",
	"shared_buffers":          "16MB",
	"max_connections":         "40",
	"log_checkpoints":         "off",
}

// newCluster makes a cluster in a directory, which then belongs to its owner, or
// in one of its own if none is given, and starts it. Where PostgreSQL is not
// installed the test is skipped.
func newCluster(t *testing.T, home string) *cluster {
	t.Helper()
	c := &cluster{t: t, programs: postgresPrograms(t), settings: maps.Clone(clusterSettings)}
	if os.Getuid() == 0 {
		c.owner = ownerOfClusters(t)
	}
	if c.home = home; home == "" {
		c.home = c.newHome()
	}
	c.own(c.home)
	c.dir = filepath.Join(c.home, "data")
	_, port, _ := net.SplitHostPort(freeAddress(t))
	c.settings["port"] = port
	c.run("initdb", "--pgdata", c.dir, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			t.Logf("the end of what PostgreSQL printed:\n%s", tailOf(c.log()))
		}
	})
	c.start()
	return c
}

// postgresPrograms returns the directory of the newest PostgreSQL installed.
func postgresPrograms(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // as Debian has it
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		t.Skip("no PostgreSQL to test with: its server programs (initdb, postgres) are not installed")
	}
	initdb, err := filepath.EvalSymlinks(found[len(found)-1]) // the others are where it really is
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(initdb)
}

// ownerOfClusters returns the user that packages of PostgreSQL make.
func ownerOfClusters(t *testing.T) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Skipf("PostgreSQL does not run as root, and there is no other user for it: %v", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// newHome makes a directory for a data directory. Those of t.TempDir lie in one
// that nobody else may enter.
func (c *cluster) newHome() string {
	c.t.Helper()
	dir, err := os.MkdirTemp("", "heddle-postgres-")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// own gives a directory to the cluster's owner.
func (c *cluster) own(dir string) {
	c.t.Helper()
	if c.owner == nil {
		return
	}
	if err := os.Chown(dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
		c.t.Fatal(err)
	}
}

// command prepares one of PostgreSQL's programs. It ends with the test.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.programs, program), args...)
	cmd.Dir = c.home
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func (c *cluster) log() string { return filepath.Join(c.home, "log") }

// start starts the server and returns once it takes connections.
func (c *cluster) start() {
	c.t.Helper()
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	args := []string{"-D", c.dir}
	for _, name := range slices.Sorted(maps.Keys(c.settings)) {
		args = append(args, "-c", name+"="+c.settings[name])
	}
	c.process = c.command("postgres", args...)
	c.process.Stdout, c.process.Stderr = log, log
	if err := c.process.Start(); err != nil {
		c.t.Fatal(err)
	}
	exited := make(chan struct{})
	c.exited = exited
	go func(p *exec.Cmd) {
		p.Wait() // what came of it stands in its ProcessState
		close(exited)
	}(c.process)
	eventually(c.t, "PostgreSQL takes connections", func() bool {
		select {
		case <-exited:
			c.t.Fatalf("PostgreSQL ended instead of serving: %v\n%s", c.process.ProcessState, tailOf(c.log()))
		default:
		}
		return c.query("SELECT current_setting('data_directory')") == c.dir
	})
}

// stop ends the server by one of the signals that it knows.
func (c *cluster) stop(signal syscall.Signal) {
	c.t.Helper()
	if err := c.process.Process.Signal(signal); err != nil {
		c.t.Fatal(err)
	}
	select {
	case <-c.exited:
	case <-time.After(patience):
		c.t.Fatalf("PostgreSQL does not end after %v", signal)
	}
}

// freeze stops the server and all that it has started where they are, and returns
// what it has started. What the kernel does for them at the moment goes on.
func (c *cluster) freeze() (children []int) {
	c.t.Helper()
	pid := c.process.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGSTOP) // so that it starts nothing more; it fails if it has ended
	children = childrenOf(pid)
	for _, child := range children {
		_ = syscall.Kill(child, syscall.SIGSTOP)
	}
	eventually(c.t, "all processes of PostgreSQL stand still", func() bool {
		return !slices.ContainsFunc(append(children, pid), func(pid int) bool {
			state, _ := stat(pid)
			return state == "R"
		})
	})
	return children
}

// kill ends the server and all that it has started without a word, and returns
// when none of them is left: a new one would refuse to start beside them.
func (c *cluster) kill() {
	c.t.Helper()
	if c.process == nil {
		return
	}
	children := c.freeze()
	for _, child := range children {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	c.process.Process.Kill()
	<-c.exited
	for _, child := range children {
		eventually(c.t, "a process of PostgreSQL ends", func() bool {
			state, _ := stat(child)
			return state == "" || state == "Z"
		})
	}
	c.process = nil
}

// childrenOf returns the processes that a process has started.
func childrenOf(pid int) (children []int) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, parent := stat(child); parent == pid {
			children = append(children, child)
		}
	}
	return children
}

// stat returns the state of a process, or "" if there is none, and the process
// that started it.
func stat(pid int) (state string, parent int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	after := strings.LastIndexByte(string(text), ')') // of the name, which may hold anything
	fmt.Sscan(string(text[after+1:]), &state, &parent)
	return state, parent
}

// host is where the server listens.
func (c *cluster) host() string { return "127.0.0.1:" + c.settings["port"] }

// url returns the URL of the database, reached at a host, with settings for the
// session.
func (c *cluster) url(host string, settings ...string) string {
	query := url.Values{"sslmode": {"disable"}}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		query.Set(name, value)
	}
	return "postgres://postgres@" + host + "/postgres?" + query.Encode()
}

// connect opens a session beside those of Heddle.
func (c *cluster) connect() (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return pgx.Connect(ctx, c.url(c.host(), "application_name=test"))
}

// exec runs statements in a session of their own.
func (c *cluster) exec(text string) {
	c.t.Helper()
	conn, err := c.connect()
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), text); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
}

// query returns the one value that a query has, or "" if it has none now.
func (c *cluster) query(text string) (value string) {
	conn, err := c.connect()
	if err != nil {
		return ""
	}
	defer conn.Close(context.Background())
	if conn.QueryRow(context.Background(), text).Scan(&value) != nil {
		return ""
	}
	return value
}
