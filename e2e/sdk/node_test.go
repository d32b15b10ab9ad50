package sdk

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheSDKForNode needs node and npm, and a registry from which npm installs
// what package-lock.json names; it is skipped where one of them is not there.
func TestTheSDKForNode(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the SDK for Node does not drive the server", program)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "drive.js"} {
		text, err := os.ReadFile(filepath.Join("node", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if printed, err := run(t, dir, "npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=1"); err != nil {
		if !unreachable(printed) {
			t.Fatalf("npm ci: %v\n%s", err, printed)
		}
		t.Skipf("npm reaches no registry, so the SDK for Node does not drive the server:\n%s", printed)
	}
	s := start(t, t.TempDir())
	to := newTarget(t)
	if printed, err := run(t, dir, "node", "drive.js", s.url, to.URL, s.key.Access, s.key.Secret); err != nil {
		t.Errorf("%v\n%s", err, printed)
	}
}

func run(t *testing.T, dir, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = dir
	printed, err := command.CombinedOutput()
	return string(printed), err
}

// unreachable reports whether npm says that it did not get through.
func unreachable(printed string) bool {
	for _, sign := range []string{"ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET", "ENETUNREACH", "ERR_SOCKET_TIMEOUT", "E403"} {
		if strings.Contains(printed, sign) {
			return true
		}
	}
	return false
}
