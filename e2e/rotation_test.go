package e2e

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heddle/internal/identity/signature"
)

// vault is a server with access keys and functions that have secrets.
type vault struct {
	*server
	keys      []accessKey
	functions []string          // paths of their invocations
	tokens    map[string]string // secrets of functions, by path
}

type accessKey struct{ Access, Secret string }

const (
	vaultKeys      = 60
	vaultFunctions = 30
)

// newVault starts a server and fills it. Each function answers with its secret.
func newVault(t *testing.T, s *server) *vault {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q", r.Header.Get("X-Token"))
	}))
	t.Cleanup(web.Close)
	s.administered()
	s.start()
	s.login("admin", adminPassword)
	v := &vault{server: s, tokens: map[string]string{}}
	for range vaultKeys {
		var key accessKey
		v.must(t, http.MethodPost, "/heddle/keys", map[string]string{"user": "admin", "project": "*"}, &key)
		v.keys = append(v.keys, key)
	}
	for i := range vaultFunctions {
		name, token := fmt.Sprintf("f%d", i), fmt.Sprintf("function-secret-%d", i)
		v.must(t, http.MethodPost, "/v2/"+project+"/fgs/functions", map[string]any{
			"func_name": name, "package": "default", "runtime": "http", "handler": "-", "timeout": 60, "memory_size": 128,
			"code_url": web.URL, "encrypted_user_data": fmt.Sprintf(`{"X-Token": %q}`, token),
		}, nil)
		path := "/v2/" + project + "/fgs/functions/" + function(name) + "/invocations"
		v.functions, v.tokens[path] = append(v.functions, path), token
	}
	return v
}

func (v *vault) must(t *testing.T, method, path string, body, into any) {
	t.Helper()
	a, err := v.call(method, path, body, nil)
	if err != nil || a.status/100 != 2 {
		t.Fatalf("%s %s: %v, %v", method, path, a, err)
	}
	if into != nil {
		if err := a.into(into); err != nil {
			t.Fatal(err)
		}
	}
}

// signed makes a call that is signed with a key, and returns what is wrong with the
// answer. It may be that there is none.
func (v *vault) signed(key accessKey) (wrong string, err error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+v.address+"/v1.0/"+project+"/cloud_graphs_quota", nil)
	if err != nil {
		return "", err
	}
	signature.Sign(r, nil, key.Access, key.Secret, time.Now())
	response, err := v.client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK && response.StatusCode != http.StatusServiceUnavailable {
		return fmt.Sprintf("key %s: %d %s", key.Access, response.StatusCode, text), nil
	}
	return "", nil
}

// opens fails the test unless all keys sign and all functions have their secrets.
func (v *vault) opens(t *testing.T) {
	t.Helper()
	for _, key := range v.keys {
		if wrong, err := v.signed(key); wrong != "" || err != nil {
			t.Fatal(wrong, err)
		}
	}
	for path, token := range v.tokens {
		a, err := v.call(http.MethodPost, path, 1, nil)
		if err != nil || !bytes.Contains(a.body, []byte(`"`+token+`"`)) {
			t.Fatalf("%s: %v, %v", path, a, err)
		}
	}
}

// sealed returns how much is sealed under which key, that which seals first.
func (v *vault) sealed(t *testing.T) (names []string, counts []int) {
	t.Helper()
	var status struct {
		Keys []struct {
			Name   string
			Sealed map[string]int
		}
	}
	v.must(t, http.MethodGet, "/heddle/secrets", nil, &status)
	for _, k := range status.Keys {
		n := 0
		for _, count := range k.Sealed {
			n += count
		}
		names, counts = append(names, k.Name), append(counts, n)
	}
	return names, counts
}

// settled waits until nothing is sealed under an old key.
func (v *vault) settled(t *testing.T) {
	t.Helper()
	eventually(t, "all is sealed under the new key", func() bool {
		_, counts := v.sealed(t)
		return counts[0] == vaultKeys+vaultFunctions
	})
}

// TestRotation rotates the key that seals, kills the server in the middle of it,
// again and again, and removes the old keys; signed calls go on throughout.
func TestRotation(t *testing.T) {
	t.Parallel()
	for _, st := range []string{"sqlite", "postgres"} {
		t.Run(st, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, nil)
			if st == "postgres" {
				s.store = newSchema(t)
			}
			rotate(t, newVault(t, s))
		})
	}
}

func rotate(t *testing.T, v *vault) {
	v.opens(t)
	stop := make(chan struct{})
	var callers sync.WaitGroup
	var answered atomic.Int64
	for range 2 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				wrong, err := v.signed(v.keys[rand.IntN(len(v.keys))])
				if wrong != "" {
					t.Error(wrong)
				}
				if err != nil {
					time.Sleep(10 * time.Millisecond) // it is down
				} else {
					answered.Add(1)
				}
			}
		})
	}
	between := 0
	for range 4 {
		v.must(t, http.MethodPost, "/heddle/secrets/rotate", nil, nil)
		_, counts := v.sealed(t)
		v.kill()
		if counts[0] < vaultKeys+vaultFunctions {
			between++
		}
		v.start()
		v.opens(t)
	}
	t.Logf("%d of 4 were killed in the middle of it", between)
	v.settled(t)
	names, counts := v.sealed(t)
	if len(names) != 5 || counts[0] != vaultKeys+vaultFunctions {
		t.Fatalf("under the keys %v there are %v", names, counts)
	}
	before := answered.Load()
	eventually(t, "signed calls go on", func() bool { return answered.Load() > before })
	close(stop)
	callers.Wait()

	file := filepath.Join(v.dir, "secret.key")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, old, _ := strings.Cut(string(text), "\n")
	v.write(t, file, old) // without the one that all needs
	eventually(t, "the file is refused", func() bool { return strings.Contains(v.tail(), "the changed key file is not taken") })
	v.opens(t)
	v.write(t, file, first+"\n")
	eventually(t, "the old keys are gone", func() bool {
		names, _ := v.sealed(t)
		return len(names) == 1
	})
	v.opens(t)
	v.kill()
	v.start()
	v.opens(t)
}

func (v *vault) write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRotationKeepsCallbacks has a result be reported under a key that seals no
// more.
func TestRotationKeepsCallbacks(t *testing.T) {
	t.Parallel()
	d := &deferring{urls: map[string]string{}}
	s := newServerWith(t, functions{"later": d.ServeHTTP})
	s.start()
	urn := s.mustStart(t, calling("later"), `1`)
	eventually(t, "the call is deferred", func() bool { return d.of(`1`) != "" })
	if a, err := s.call(http.MethodPost, "/heddle/secrets/rotate", nil, nil); err != nil || a.status != http.StatusOK {
		t.Fatalf("rotate: %v, %v", a, err)
	}
	s.kill()
	s.start()
	path := strings.TrimPrefix(d.of(`1`), "http://"+s.address)
	if a, err := s.request(http.MethodPost, path, []byte(`"reported"`), nil); err != nil || a.status != http.StatusNoContent {
		t.Errorf("the report was answered %v, %v", a, err)
	}
	if x := s.awaitEnd(t, urn); x.Output != `"reported"` {
		t.Errorf("it ended %s with %s", x.Status, x.Output)
	}
}

// TestKeysInTheEnvironment has the keys there: a new one before the old one is a
// rotation at the next start. Without the right ones the server does not start,
// unless it is told that they are lost.
func TestKeysInTheEnvironment(t *testing.T) {
	t.Parallel()
	const one, two = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="
	s := newServer(t, nil)
	s.env = []string{"HEDDLE_SEALING_KEYS=" + one}
	v := newVault(t, s)
	if a, err := v.call(http.MethodPost, "/heddle/secrets/rotate", nil, nil); err != nil || a.status != http.StatusForbidden {
		t.Errorf("rotate: %v, %v", a, err)
	}
	v.kill()
	v.env = []string{"HEDDLE_SEALING_KEYS=" + two + "," + one}
	v.start()
	v.settled(t)
	v.kill()
	v.env = []string{"HEDDLE_SEALING_KEYS=" + one}
	v.launch()
	if code := v.awaitExit(); code != 1 || !strings.Contains(v.tail(), "versions of functions are sealed under the key") {
		t.Errorf("with another key the server ended with %d:\n%s", code, v.tail())
	}
	v.flags = []string{"--accept-lost-secrets"}
	v.start()
	v.login("admin", adminPassword)
	v.must(t, http.MethodDelete, "/heddle/keys/"+v.keys[0].Access, nil, nil)
	v.kill()
	v.env, v.flags = []string{"HEDDLE_SEALING_KEYS=" + two}, nil
	v.start()
	v.keys = v.keys[1:]
	v.opens(t)
	if text, err := os.ReadFile(v.output); err != nil || bytes.Contains(text, []byte(one[:12])) || bytes.Contains(text, []byte(two[:12])) {
		t.Errorf("a key is in the log, %v", err)
	}
}
