package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFailedStartsTellNoSecrets starts servers whose settings are wrong, and have
// secrets in them.
func TestFailedStartsTellNoSecrets(t *testing.T) {
	t.Parallel()
	const secret = "secret7f3asecret7f3a"
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte(secret[:7]), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings string
		env      []string
	}{
		"nobody answers":       {"", []string{"HEDDLE_STORE=postgres://u:" + secret + "@127.0.0.1:1/x?connect_timeout=1"}},
		"a wrong port":         {"", []string{"HEDDLE_STORE=postgres://u:" + secret + "@127.0.0.1:port/x"}},
		"a wrong scheme":       {"", []string{"HEDDLE_STORE=mysql://u:" + secret + "@127.0.0.1/x"}},
		"a wrong option":       {"", []string{"HEDDLE_STORE=postgres://u:" + secret + "@127.0.0.1/x?sslmode=maybe"}},
		"a wrong escape":       {"", []string{"HEDDLE_STORE=postgres://u:" + secret + "%zz@127.0.0.1/x"}},
		"the store in a file":  {"store: postgres://u:" + secret + "@127.0.0.1:port/x", nil},
		"wrong sealing keys":   {"", []string{"HEDDLE_SEALING_KEYS=" + secret}},
		"a wrong header":       {"functions:\n  - urn: " + function("f") + "\n    url: http://127.0.0.1/\n    headers: {\"X-A\": \"" + secret + "\\n\"}", nil},
		"a URL with a secret":  {"functions:\n  - urn: " + function("f") + "\n    url: http://u:" + secret + "@127.0.0.1/", nil},
		"a variable":           {"functions:\n  - urn: " + function("f") + "\n    url: http://127.0.0.1:x/\n    headers: {X-A: \"${TOKEN}\"}", []string{"TOKEN=" + secret}},
		"a source twice":       {"event-sources:\n  - {project: p, secret: " + secret + "}\n  - {project: p, secret: " + secret + "}", nil},
		"a source without one": {"event-sources:\n  - {secret: " + secret + "}", nil},
		"an unknown setting":   {"event-sources:\n  - {project: p, secrets: " + secret + "}", nil},
		"a URL of NATS":        {"nats-url: nats://u:" + secret + "@127.0.0.1:port", nil},
		"a certificate":        {"tls-cert: " + short + "\ntls-key: " + short, nil},
		"a short password":     {"admin-password-file: " + short, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			s.set(c.settings)
			s.env = c.env
			s.flags = []string{"--log-level", "debug"}
			s.launch()
			code := s.awaitExit()
			text, err := os.ReadFile(s.output)
			if err != nil || code == 0 {
				t.Errorf("it ended with %d, %v", code, err)
			}
			if strings.Contains(string(text), secret[:8]) {
				t.Errorf("it tells the secret:\n%s", text)
			}
		})
	}
}
