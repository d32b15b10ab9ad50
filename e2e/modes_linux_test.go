package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFileModes starts a server where every file is everybody's unless somebody
// says otherwise, and looks at all that it has made.
func TestFileModes(t *testing.T) {
	t.Parallel()
	for _, st := range []string{"sqlite", "postgres"} {
		t.Run(st, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			if st == "postgres" {
				s.store = newSchema(t)
			}
			s.prepare = func(c *exec.Cmd) func() {
				c.Args = append([]string{"sh", "-c", `umask 000; exec "$0" "$@"`, c.Path}, c.Args[1:]...)
				c.Path = "/bin/sh"
				return func() {}
			}
			s.administered()
			s.start()
			s.login("admin", adminPassword)
			newVaultKey(t, s)
			f := newLocal(t, s, "writes", "def handler(event, context):\n    print('line')\n    open('/tmp/x', 'w').close()\n    return 1\n")
			if a, err := s.call("POST", f.path+"/invocations", 1, nil); err != nil || a.status != 200 {
				t.Fatalf("got %v, %v", a, err)
			}
			checkModes(t, s.dir)
			s.kill() // what it leaves behind is no more anybody's
			checkModes(t, s.dir)
		})
	}
}

func newVaultKey(t *testing.T, s *server) {
	t.Helper()
	(&vault{server: s}).must(t, "POST", "/heddle/keys", map[string]string{"user": "admin", "project": "*"}, nil)
}

// checkModes wants the data directory to be nobody else's, and what is in it too:
// but for the code of functions, whose instances are users of their own; to others
// it is out of reach.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		forbidden := fs.FileMode(0o077)
		if strings.HasPrefix(path, filepath.Join(dir, "functions")+"/") || path == filepath.Join(dir, "functions") {
			forbidden = 0o022
		}
		if info.Mode().Perm()&forbidden != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) || seen < 5 {
		t.Errorf("%d files, %v", seen, err)
	}
}

// TestAnOpenDataDirectoryIsToldOf has one that was there before, with another mode.
func TestAnOpenDataDirectoryIsToldOf(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.start()
	if !strings.Contains(s.tail(), "chmod 700 it") {
		t.Errorf("the log does not say so:\n%s", s.tail())
	}
}

// TestKeysOfOthersAreRefused has a key file that others can read.
func TestKeysOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o666} {
		s := newServer(t, nil)
		s.administered()
		s.start()
		s.login("admin", adminPassword)
		newVaultKey(t, s)
		s.kill()
		if err := os.Chmod(filepath.Join(s.dir, "secret.key"), mode); err != nil {
			t.Fatal(err)
		}
		s.launch()
		if code := s.awaitExit(); code != 1 || !strings.Contains(s.tail(), "chmod 600") {
			t.Errorf("%v: the server ended with %d:\n%s", mode, code, s.tail())
		}
	}
}
