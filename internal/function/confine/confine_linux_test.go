package confine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"heddle/internal/function/confine"
)

// TestMain lets this binary enter cells.
func TestMain(m *testing.M) {
	confine.Enter()
	os.Exit(m.Run())
}

func newConfiner(t *testing.T, cfg confine.Config) *confine.Confiner {
	t.Helper()
	cfg.Directory = filepath.Join(t.TempDir(), "functions")
	c, err := confine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return c
}

// shell runs a script in a cell and returns what it wrote, and how it ended.
func shell(t *testing.T, c *confine.Confiner, script string) (string, confine.Exit) {
	t.Helper()
	code := filepath.Join(c.CodeDirectory(), "code")
	if err := os.MkdirAll(code, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(code, "file"), []byte("content\n"), 0o444); err != nil {
		t.Fatal(err)
	}
	cell, err := c.NewCell(code, 64)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	tap, err := confine.NewTap(func(text []byte) { said.Write(text) })
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	err = cell.Start(context.Background(), confine.Program{
		Path: "/bin/sh", Arguments: []string{"-c", script}, Output: tap.Output(),
		Environment: []string{"PATH=/usr/bin:/bin", "HOME=" + cell.Scratch},
	})
	tap.Started()
	if err != nil {
		t.Fatal(err)
	}
	exit := cell.Wait()
	tap.Drain()
	if err := cell.Close(); err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(said.String()), exit
}

// TestCell has what is true of every cell, however far the system allows it to
// be confined.
func TestCell(t *testing.T) {
	t.Parallel()
	c := newConfiner(t, confine.Config{})
	t.Log(c.Isolation())
	for script, want := range map[string]string{
		`cat file`: "content",
		`(echo x >file) 2>/dev/null || echo refused`:       "refused",
		`echo x >$HOME/y && cat $HOME/y`:                   "x",
		`stat -c %a $HOME`:                                 "700",
		`env | grep -v ^HEDDLE_CELL= | sort | tr '\n' ' '`: "HOME=/tmp PATH=/usr/bin:/bin PWD=/tmp/function",
		`ulimit -c; ulimit -f; ulimit -n`:                  "0\n1048576\n1024",
		`grep ^NoNewPrivs /proc/self/status`:               "NoNewPrivs:\t1",
		`grep ^CapEff /proc/self/status`:                   "CapEff:\t0000000000000000",
		`nice`:                                             "10",
		`wc -c </dev/stdin`:                                "0",
		`ls -l /proc/self/fd | grep -c -e '->'`:            "4", // with the directory that ls reads
	} {
		if strings.Contains(want, "/tmp/function") && !c.Isolation().Namespaces {
			continue
		}
		got, exit := shell(t, c, script)
		if got != want || exit.Text != "exit status 0" {
			t.Errorf("%s: got %q and %s, want %q", script, got, exit.Text, want)
		}
	}
}

func TestExit(t *testing.T) {
	t.Parallel()
	c := newConfiner(t, confine.Config{})
	for script, want := range map[string]string{
		"exit 3":           "exit status 3",
		"sleep 614 & exit": "exit status 0", // and nobody waits for what is left
	} {
		if _, exit := shell(t, c, script); exit.Text != want {
			t.Errorf("%s: %s, want %s", script, exit.Text, want)
		}
	}
}

func TestNoNetwork(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give cells networks of their own")
	}
	c := newConfiner(t, confine.Config{Network: confine.NoNetwork})
	got, _ := shell(t, c, `grep -v lo: /proc/net/dev | wc -l; grep -c lo: /proc/net/dev; cat /sys/class/net/lo/flags 2>/dev/null | head -0`)
	if got != "2\n1" {
		t.Errorf("interfaces: %q", got)
	}
}

// TestUsersRunOut has one user only.
func TestUsersRunOut(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root has users for cells")
	}
	c := newConfiner(t, confine.Config{UIDs: 1, UIDFirst: 1_900_100_000})
	first, err := c.NewCell(c.CodeDirectory(), 16)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.NewCell(c.CodeDirectory(), 16); err != confine.ErrNoUser {
		t.Errorf("got %v, want %v", err, confine.ErrNoUser)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	second, err := c.NewCell(c.CodeDirectory(), 16)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// TestProcessorIsBounded reads the bound where the system keeps it.
func TestProcessorIsBounded(t *testing.T) {
	t.Parallel()
	c := newConfiner(t, confine.Config{})
	if c.Isolation().Groups != "v1" {
		t.Skip("there are no control groups of version 1")
	}
	text, _ := shell(t, c, `
		group=$(sed -n 's/^[0-9]*:cpu\(,cpuacct\)\?://p' /proc/self/cgroup)
		cat /sys/fs/cgroup/cpu/$group/cpu.cfs_quota_us /sys/fs/cgroup/cpu/$group/cpu.cfs_period_us`)
	if text != "100000\n100000" {
		t.Errorf("quota and period are %q", text)
	}
}
