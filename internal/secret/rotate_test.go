package secret_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heddle/internal/secret"
)

func open(t *testing.T, b *secret.Box, sealed []byte, want string, owner ...string) {
	t.Helper()
	if got, err := b.Open(sealed, owner...); err != nil || string(got) != want {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	b, path := newBox(t)
	before := seal(t, b, "before", "owner")
	first, err := secret.SealedUnder(before)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	after := seal(t, b, "after", "owner")
	if name, err := secret.SealedUnder(after); err != nil || name != second || name == first {
		t.Errorf("sealed under %s, %v, want %s", name, err, second)
	}
	for _, box := range []*secret.Box{b, secret.NewBox(path)} { // a later start has both
		open(t, box, before, "before", "owner")
		open(t, box, after, "after", "owner")
		if names, err := box.Keys(); err != nil || len(names) != 2 || names[0] != second || names[1] != first {
			t.Errorf("keys %v, %v", names, err)
		}
	}
	anew, err := b.Reseal(before, "owner")
	if err != nil {
		t.Fatal(err)
	}
	open(t, b, anew, "before", "owner")
	if name, _ := secret.SealedUnder(anew); name != second {
		t.Errorf("sealed anew under %s", name)
	}
	for what, sealed := range map[string][]byte{"what is new": anew, "another's": seal(t, boxOf(t, other), "x")} {
		if got, err := b.Reseal(sealed, "owner"); got != nil || err != nil {
			t.Errorf("%s: got %x, %v", what, got, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v", info.Mode(), err)
	}
}

// TestUnfinishedFilesAreRemoved has one that was left long ago, and one that somebody
// may be writing.
func TestUnfinishedFilesAreRemoved(t *testing.T) {
	t.Parallel()
	b, path := newBox(t)
	seal(t, b, "text")
	left, written := filepath.Join(filepath.Dir(path), ".heddle-key-1"), filepath.Join(filepath.Dir(path), ".heddle-key-2")
	write(t, left, good)
	write(t, written, good)
	if err := os.Chtimes(left, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rotate(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what was left is there")
	}
	if _, err := os.Stat(written); err != nil {
		t.Error("what is being written has gone")
	}
}

func TestRotateWhereItCannot(t *testing.T) {
	t.Parallel()
	_, path := newBox(t)
	write(t, path, good)
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	full := path + ".full"
	write(t, full, good)
	b := secret.NewBox(full)
	for range 15 {
		if _, err := b.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	for what, box := range map[string]*secret.Box{"given": boxOf(t, good), "a link": secret.NewBox(link), "full": b} {
		if _, err := box.Rotate(); !errors.Is(err, secret.ErrFixed) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func boxOf(t *testing.T, text string) *secret.Box {
	t.Helper()
	b, err := secret.NewBoxOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shelf holds one thing.
type shelf struct {
	box *secret.Box

	mu     sync.Mutex
	sealed []byte
}

func (s *shelf) Sealed(context.Context) (map[secret.KeyName]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, err := secret.SealedUnder(s.sealed)
	return map[secret.KeyName]int{name: 1}, err
}

func (s *shelf) Reseal(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	anew, err := s.box.Reseal(s.sealed)
	if anew == nil {
		return 0, err
	}
	s.sealed = anew
	return 1, err
}

func (s *shelf) kept() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sealed
}

// journal is a log that is read while it is written.
type journal struct {
	mu   sync.Mutex
	text []byte
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text = append(j.text, line...)
	return len(line), nil
}

// take returns what was written since it was called last.
func (j *journal) take() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := string(j.text)
	j.text = nil
	return text
}

// TestKeeper changes the file under a keeper: wrongly, and as it should be.
func TestKeeper(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	write(t, path, good)
	synctest.Test(t, func(t *testing.T) {
		box := secret.NewBox(path)
		s := &shelf{box: box, sealed: seal(t, box, "text")}
		var log journal
		k := secret.NewKeeper(box, slog.New(slog.NewTextHandler(&log, nil)), secret.NamedHolder{Name: "things", Holder: s})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.Run(ctx) }()
		change := func(text string, mode os.FileMode) {
			t.Helper()
			write(t, path, text)
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			open(t, box, s.kept(), "text")
		}
		for _, wrong := range []struct {
			text string
			mode os.FileMode
			want string
		}{
			{other, 0o600, "it lacks the key"},
			{"", 0o600, "1 to 16 keys"},
			{other + " " + good + "\n\n", 0o640, "chmod 600"},
		} {
			change(wrong.text, wrong.mode)
			if text := log.take(); !strings.Contains(text, wrong.want) {
				t.Errorf("the log lacks %q:\n%s", wrong.want, text)
			}
		}
		change(other+"\n"+good+"\n", 0o600)
		status, err := k.Status(ctx)
		if err != nil || len(status.Keys) != 2 || status.Keys[0].Count() != 1 || status.Keys[1].Count() != 0 {
			t.Errorf("got %+v, %v", status, err)
		}
		change(other, 0o600)
		if names, err := box.Keys(); err != nil || len(names) != 1 {
			t.Errorf("keys %v, %v", names, err)
		}
		if err := k.Check(ctx); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.sealed = seal(t, boxOf(t, good), "text")
		if err := k.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "1 things are sealed under the key") {
			t.Errorf("got %v", err)
		}
	})
}
