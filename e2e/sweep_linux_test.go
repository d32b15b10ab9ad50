package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// sweep is what must be found nowhere, by what it is.
type sweep struct {
	t       *testing.T
	secrets map[string]string
}

// in fails the test if a secret is in a text.
func (s *sweep) in(where string, text []byte) {
	s.t.Helper()
	for what, secret := range s.secrets {
		for form, looked := range map[string]string{"": secret, " in hexadecimal digits": hex.EncodeToString([]byte(secret))} {
			if i := bytes.Index(text, []byte(looked)); i >= 0 {
				s.t.Errorf("%s has %s%s: …%q…", where, what, form, text[max(0, i-100):min(len(text), i+len(looked)+20)])
			}
		}
	}
}

// below fails the test if a secret is in a file of a directory, in its name or in
// what it says.
func (s *sweep) below(directory string, but ...string) {
	s.t.Helper()
	err := filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, name := range but {
			if filepath.Base(path) == name {
				return nil
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s.in(path, append([]byte(path), text...))
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

// TestNoSecretsAnywhere makes all calls with secrets of every sort, good ones and
// wrong ones, and then looks for them: in the log at its most talkative, in all
// answers, in what the command line prints, in the data directory and the
// database, and in what the process prints when it is aborted.
func TestNoSecretsAnywhere(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		for _, st := range []string{"sqlite", "postgres"} {
			t.Run(format+" "+st, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, nil)
				s.flags = []string{"--log-format", format, "--log-level", "debug"}
				database := ""
				if st == "postgres" {
					database = withPassword(t, newSchema(t))
					s.env = []string{"HEDDLE_STORE=" + database} // others on the machine see command lines
				}
				sweepSecrets(t, s, database)
			})
		}
	}
}

// withPassword gives the URL of a database a password that its server does not ask
// for, unless it has one.
func withPassword(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	if _, there := u.User.Password(); !there {
		u.User = url.UserPassword(u.User.Username(), "database-password-7f3a")
	}
	return u.String()
}

func sweepSecrets(t *testing.T, s *server, database string) {
	const password, secret, token, eventSecret = "password-of-walker-7f3a", "secret-of-walked-7f3a", "header-token-7f3a", "event-secret-7f3a"
	sw := &sweep{t, map[string]string{
		"the password of admin": adminPassword, "a password": password, "a secret of a function": secret, "a header": token, "the secret of events": eventSecret,
		"a wrong password": "wrong-password-7f3a", "a wrong token": "wrong-token-7f3a", "a wrong signature": "badbadbadbadbad7f3a", "a wrong secret of events": "wrong-event-7f3a",
		"a password in a URL": "url-password-7f3a", "a wrong callback": "d3Jvbmc3ZjNhd3Jvbmc3ZjNh",
	}}
	if u, err := url.Parse(database); err == nil && database != "" {
		if password, _ := u.User.Password(); len(password) >= 8 {
			sw.secrets["the password of the database"] = password
		}
	}
	d := &deferring{urls: map[string]string{}}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch body, _ := io.ReadAll(r.Body); {
		case r.URL.Path == "/later":
			r.Body = io.NopCloser(bytes.NewReader(body))
			d.ServeHTTP(w, r)
		default: // a function that repeats what it was sent
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "refused: %v %v %v", r.Header["X-Secret"], r.Header["X-Api-Key"], r.Header)
		}
	}))
	t.Cleanup(web.Close)
	s.set(fmt.Sprintf("functions:\n  - urn: %s\n    url: %s/later\n    headers: {Authorization: Bearer %s}\n  - urn: %s\n    url: %s/echo\n    headers: {X-Api-Key: %s}\nevent-sources:\n  - project: %q\n    secret: %s\n",
		function("later"), web.URL, token, function("declared"), web.URL, token, project, eventSecret))
	s.administered()
	s.start()
	s.login("admin", adminPassword)
	sw.secrets["a token"] = s.token
	s.mustStart(t, calling("later"), `1`)
	eventually(t, "a call is deferred", func() bool { return d.of(`1`) != "" })
	callback := d.of(`1`)[strings.LastIndex(d.of(`1`), "/")+1:]
	sw.secrets["the token of a callback"] = callback

	w := newWalk(s, map[string]string{"url": web.URL, "token": callback, "password": password, "secret": secret})
	for _, st := range surface {
		if strings.HasSuffix(st.path, "/events") || strings.HasSuffix(st.path, "/messages") {
			st.path += "?secret=" + eventSecret
		}
		a := w.take(t, st, "")
		if a.status/100 != 2 && !strings.HasSuffix(st.path, "/invocations") {
			t.Errorf("%s %s was answered %v", st.method, st.path, a)
		}
		switch {
		case st.path == "/v3/auth/tokens":
			sw.secrets["a token of walker"] = a.header.Get("X-Subject-Token")
		case st.path == "/heddle/keys":
			var key accessKey
			if err := a.into(&key); err != nil {
				t.Fatal(err)
			}
			sw.secrets["the secret of an access key"] = key.Secret
			if wrong, err := (&vault{server: s}).signed(key); err != nil || wrong != "" {
				t.Fatal(wrong, err)
			}
		default:
			sw.in("the answer to "+st.method+" "+st.path, a.body)
		}
	}
	failing := s.mustStart(t, calling("walked"), `1`)
	declared := s.mustStart(t, calling("declared"), `1`)
	for _, urn := range []string{failing, declared} {
		if x := s.awaitEnd(t, urn); x.Status != "FAILED" || !strings.Contains(x.Output, "******") {
			t.Errorf("it ended %s with %s", x.Status, x.Output)
		}
	}
	w.kept["execution_urn"] = failing
	wrongCalls(t, sw, s)

	for path, a := range w.reads(t) {
		sw.in("the answer to GET "+path, a.body)
	}
	admin := s.token
	s.token = sw.secrets["a token of walker"]
	for path, a := range w.reads(t) {
		sw.in("the answer to GET "+path+" by walker", a.body)
	}
	s.token = admin
	sw.commandLine(s)
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	sw.in("the command line of the server", line)
	if local := localEnvironment(t, s); local != "" {
		sw.in("the environment of an instance", []byte(local))
	}
	if key, err := os.ReadFile(filepath.Join(s.dir, "secret.key")); err != nil {
		t.Fatal(err)
	} else {
		sw.secrets["the key"] = strings.Fields(string(key))[0]
	}
	s.process.Process.Signal(syscall.SIGQUIT) // which prints what every goroutine does
	if code := s.awaitExit(); code != 2 {
		t.Errorf("aborted, the server ended with %d", code)
	}
	output, err := os.ReadFile(s.output)
	if err != nil || !bytes.Contains(output, []byte("goroutine ")) {
		t.Fatalf("it has printed no goroutines, %v", err)
	}
	sw.in("the log", output)
	sw.below(s.dir, "secret.key")
	if database != "" {
		sw.database(database)
	}
}

// wrongCalls makes calls with credentials that are wrong.
func wrongCalls(t *testing.T, sw *sweep, s *server) {
	t.Helper()
	token := s.token
	s.token = ""
	defer func() { s.token = token }()
	login := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin","password":"wrong-password-7f3a"}}},"scope":{"project":{"id":"` + project + `"}}}}`
	for _, c := range []struct {
		method, path, body string
		header             http.Header
	}{
		{"POST", "/v3/auth/tokens", login, nil},
		{"POST", "/v3/auth/tokens", login[:len(login)-2], nil},
		{"GET", base + "/cloud_graphs", "", http.Header{"X-Auth-Token": {"wrong-token-7f3a"}}},
		{"GET", base + "/cloud_graphs", "", http.Header{"Authorization": {"SDK-HMAC-SHA256 Access=ABC, SignedHeaders=host, Signature=badbadbadbadbad7f3a"}}},
		{"GET", base + "/cloud_graphs", "", http.Header{"Authorization": {"Bearer badbadbadbadbad7f3a"}}},
		{"POST", base + "/events?secret=wrong-event-7f3a", "{}", nil},
		{"POST", base + "/events", "{}", http.Header{"Authorization": {"Bearer wrong-event-7f3a"}}},
		{"POST", "/callbacks/d3Jvbmc3ZjNhd3Jvbmc3ZjNh", "1", nil},
	} {
		a, err := s.request(c.method, c.path, []byte(c.body), c.header)
		if err != nil || a.status < 400 {
			t.Errorf("%s %s was answered %v, %v", c.method, c.path, a, err)
		}
		sw.in("the answer to "+c.method+" "+c.path, a.body)
	}
	s.token = token
	a, err := s.call(http.MethodPost, "/v2/"+project+"/fgs/functions", map[string]any{
		"func_name": "u", "package": "default", "runtime": "http", "handler": "-", "timeout": 30, "memory_size": 128, "code_url": "http://x:url-password-7f3a@127.0.0.1/",
	}, nil)
	if err != nil || a.status != http.StatusBadRequest {
		t.Errorf("a function with a password in its URL: %v, %v", a, err)
	}
	sw.in("the answer to a URL with a password", a.body)
}

// commandLine has heddle print what there is.
func (s *sweep) commandLine(server *server) {
	s.t.Helper()
	for _, command := range []string{"user list", "key list", "secret status", "function list", "function show walked", "graph list", "project list", "user list --output json"} {
		run := exec.Command(binary, append(strings.Fields(command), "--server", "http://"+server.address, "--project", project)...)
		run.Env = append(os.Environ(), "HEDDLE_TOKEN="+server.token)
		out, err := run.CombinedOutput()
		if err != nil {
			s.t.Logf("heddle %s: %v: %s", command, err, out)
		}
		s.in("heddle "+command, out)
	}
}

// localEnvironment returns what a function on this machine sees of the environment
// and the command line of itself and of its parent, or "" where none can run.
func localEnvironment(t *testing.T, s *server) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		return ""
	}
	f := newLocal(t, s, "looks", `
def read(name):
    try: return open(name).read()
    except OSError as error: return str(error)
def handler(event, context):
    return [read(f"/proc/{pid}/{file}") for pid in ("self", event) for file in ("environ", "cmdline")]
`)
	a, err := s.request(http.MethodPost, f.path+"/invocations", []byte(strconv.Itoa(s.process.Process.Pid)), nil)
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("got %v, %v", a, err)
	}
	return string(a.body)
}

// database looks into every row of every table.
func (s *sweep) database(address string) {
	s.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = current_schema()")
	if err != nil {
		s.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		s.t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		rows, err := conn.Query(ctx, "SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM "+table+" t")
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := pgx.CollectOneRow(rows, pgx.RowTo[string])
		if err != nil {
			s.t.Fatal(err)
		}
		s.in("the table "+table, []byte(text))
	}
}
