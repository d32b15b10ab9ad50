package e2e

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDamagedLog cuts SQLite's log of a server that was killed, or flips a bit
// of it. SQLite drops what follows the damage without a word; the server notices
// that acknowledged commits are gone, names both numbers, and does not serve.
func TestDamagedLog(t *testing.T) {
	t.Parallel()
	a := newArchive(t, (*server).kill)
	log := a.read(t, logFile)
	refused := 0
	a.spoil(t, logFile, amount(10, 200), func(rng *rand.Rand) []byte {
		if rng.IntN(2) == 0 {
			return log[:rng.IntN(len(log))]
		}
		return flipped(log, rng)
	}, func(t *testing.T, s *server, served bool) {
		if served {
			a.compare(t, s, false)
			return
		}
		refused++
		if said := s.tail(); !bothNumbers.MatchString(said) {
			t.Errorf("the server said: %s\nwant it to name both commit numbers", said)
		}
	})
	if refused == 0 {
		t.Error("no damage did harm")
	}
}

var bothNumbers = regexp.MustCompile(`it holds commits up to \d+, of \d+`)

// TestDamagedDatabase flips a bit of the database of a server that was stopped.
// The server may refuse to serve it or refuse what it is asked, but it shows
// nothing that is not so.
func TestDamagedDatabase(t *testing.T) {
	t.Parallel()
	a := newArchive(t, (*server).drain)
	database := a.read(t, databaseFile)
	noticed := 0
	a.spoil(t, databaseFile, amount(20, 300), func(rng *rand.Rand) []byte { return flipped(database, rng) },
		func(t *testing.T, s *server, served bool) {
			if !served || a.compare(t, s, true) {
				noticed++
				s.end()
				if said := s.tail(); !strings.Contains(said, "the database is damaged") && !strings.Contains(said, "not a database") {
					t.Errorf("the server said: %s\nwant it to say that the database is damaged", said)
				}
			}
		})
	if noticed == 0 {
		t.Error("no damage did harm")
	}
	t.Logf("%d of the damages were met", noticed)
}

// flipped returns a copy in which one bit is another.
func flipped(content []byte, rng *rand.Rand) []byte {
	spoilt := append([]byte{}, content...)
	spoilt[rng.IntN(len(spoilt))] ^= 1 << rng.IntN(8)
	return spoilt
}

// archive is a data directory, and all that its server has shown of it.
type archive struct {
	dir    string
	graphs []*graph
	shown  map[string]any // by path
}

// newArchive fills a directory and ends its server.
func newArchive(t *testing.T, end func(*server)) *archive {
	t.Helper()
	p := newPrepared(t)
	l := p.load(t)
	l.s.start()
	l.script(t)
	l.script(t)
	l.find(t) // once all have ended
	a := &archive{dir: l.s.dir, graphs: p.graphs, shown: map[string]any{}}
	for _, path := range a.paths(t, l.s) {
		var body any
		if err := l.s.read(path, &body); err != nil {
			t.Fatal(err)
		}
		a.shown[path] = body
	}
	pause(t.Context(), 2500*time.Millisecond) // the mark is written a second later at most
	end(l.s)
	return a
}

// paths returns all that can be asked about executions.
func (a *archive) paths(t *testing.T, s *server) (paths []string) {
	t.Helper()
	paths = append(paths, "/cloud_graphs?limit=1000")
	for _, g := range a.graphs {
		paths = append(paths, "/cloud_graphs/"+g.urn, "/cloud_graphs/"+g.urn+"/executions?limit=1000", "/cloud_graphs/"+g.urn+"/executions?name=e1")
		all, err := s.list(g.urn)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			paths = append(paths, "/cloud_graphs/executions/"+x.URN, "/cloud_graphs/executions/"+x.URN+"/history?limit=1000")
		}
	}
	return paths
}

func (a *archive) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(a.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// spoil starts a server on a copy of the archive in which one file is another,
// so many times, and has it looked at.
func (a *archive) spoil(t *testing.T, file string, times int, spoilt func(*rand.Rand) []byte, look func(*testing.T, *server, bool)) {
	t.Helper()
	rng := chance(t)
	for range times {
		t.Run("", func(t *testing.T) {
			s := newServer(t, nil)
			copyDirectory(t, a.dir, s.dir)
			if err := os.WriteFile(filepath.Join(s.dir, file), spoilt(rng), 0o600); err != nil {
				t.Fatal(err)
			}
			s.launch()
			served := s.awaitReady(t.Context()) == nil
			if !served && s.awaitExit() != 1 {
				t.Errorf("the server ended so: %v", s.process.ProcessState)
			}
			look(t, s, served)
			s.kill()
		})
	}
}

// compare asks for all that the archive has, and reports whether anything was
// refused because of damage, if that may be. What is answered must be as it was.
func (a *archive) compare(t *testing.T, s *server, mayRefuse bool) (refused bool) {
	t.Helper()
	for path, want := range a.shown {
		answer, err := s.call("GET", base+path, nil, nil)
		if mayRefuse && (err != nil || answer.status >= 500) {
			refused = true // or it has stopped, which refuses all
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		var got any
		if err := json.Unmarshal(answer.body, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s shows %s\nbefore the damage: %v", path, answer, want)
		}
	}
	return refused
}
