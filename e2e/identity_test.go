package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const adminPassword = "correct horse battery"

// administered has the next start make the user admin.
func (s *server) administered() {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(adminPassword+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.set("admin-password-file: " + file)
}

// login has every request carry a token of the user for the project.
func (s *server) login(user, password string) {
	s.t.Helper()
	s.token = s.loginTo(s.t, user, password, project)
}

// loginTo returns a token of a user for a project.
func (s *server) loginTo(t *testing.T, user, password, project string) string {
	t.Helper()
	kept := s.token
	defer func() { s.token = kept }()
	s.token = ""
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q}}},"scope":{"project":{"id":%q}}}}`, user, password, project)
	a, err := s.request(http.MethodPost, "/v3/auth/tokens", []byte(body), nil)
	if err != nil || a.status != http.StatusCreated {
		t.Fatalf("login of %s: %v, %v", user, a, err)
	}
	return a.header.Get("X-Subject-Token")
}

// Users, tokens and sealed secrets are there after a crash, and nothing secret is
// in the data directory or in the log.
func TestIdentitySurvives(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.administered()
	s.start()
	if a, err := s.call(http.MethodGet, "/v1.0/"+project+"/cloud_graphs", nil, nil); err != nil || a.status != http.StatusUnauthorized {
		t.Fatalf("without a credential: %d %s, %v", a.status, a.body, err)
	}
	s.login("admin", adminPassword)
	secrets := []string{adminPassword, s.token}
	a, err := s.request(http.MethodPost, "/heddle/keys", []byte(`{"user":"admin","project":"*"}`), nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("make a key: %d %s, %v", a.status, a.body, err)
	}
	var key struct{ Access, Secret string }
	if err := a.into(&key); err != nil || len(key.Secret) != 40 {
		t.Fatalf("got %s, %v", a.body, err)
	}
	secrets = append(secrets, key.Secret)
	s.kill()
	s.start()
	if a, err := s.call(http.MethodGet, "/heddle/keys", nil, nil); err != nil || !strings.Contains(string(a.body), key.Access) {
		t.Errorf("after a crash: %d %s, %v", a.status, a.body, err)
	}
	s.kill()
	files, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the data directory has %v, %v", files, err)
	}
	for _, file := range append(files, s.output) {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a directory
		}
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds a secret", file)
			}
		}
	}

	// With another key the secrets cannot be opened, and nobody could sign.
	if err := os.Remove(filepath.Join(s.dir, "secret.key")); err != nil {
		t.Fatal(err)
	}
	s.launch()
	if code := s.awaitExit(); code != 1 || !strings.Contains(s.tail(), "key file") {
		t.Errorf("without its key the server ended with %d:\n%s", code, s.tail())
	}
}

// A server that others can reach does not start as long as there is no user.
func TestBeyondLoopbackThereIsAUser(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.flags = []string{"--insecure-http", "--listen", strings.Replace(s.address, "127.0.0.1", "0.0.0.0", 1)}
	s.launch()
	if code := s.awaitExit(); code != 1 || !strings.Contains(s.tail(), "there is no user") {
		t.Errorf("the server ended with %d:\n%s", code, s.tail())
	}
}
