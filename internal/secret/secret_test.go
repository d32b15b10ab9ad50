package secret_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"heddle/internal/secret"
)

func newBox(t *testing.T) (*secret.Box, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret.key")
	return secret.NewBox(path), path
}

func seal(t *testing.T, b *secret.Box, plain string, owner ...string) []byte {
	t.Helper()
	sealed, err := b.Seal([]byte(plain), owner...)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestWhatIsSealedOpens(t *testing.T) {
	t.Parallel()
	b, path := newBox(t)
	for _, plain := range []string{"", "a", "p4ssw0rd", strings.Repeat("x", 1<<16)} {
		sealed := seal(t, b, plain, "project", "function")
		if plain != "" && len(plain) > 4 && bytes.Contains(sealed, []byte(plain)) {
			t.Errorf("%q can be read", plain)
		}
		// A later start has the key from the file alone.
		got, err := secret.NewBox(path).Open(sealed, "project", "function")
		if err != nil || string(got) != plain {
			t.Errorf("got %d bytes and %v, want %d", len(got), err, len(plain))
		}
	}
	if bytes.Equal(seal(t, b, "same", "o"), seal(t, b, "same", "o")) {
		t.Error("the same text is sealed to the same bytes")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".heddle-key-*")); left != nil {
		t.Errorf("%v is left", left)
	}
}

func TestAnotherOwnerDoesNotOpen(t *testing.T) {
	t.Parallel()
	b, _ := newBox(t)
	sealed := seal(t, b, "text", "ab", "c")
	for _, owner := range [][]string{nil, {"ab"}, {"a", "bc"}, {"abc"}, {"ab", "c", ""}, {"ab", "d"}} {
		if _, err := b.Open(sealed, owner...); !errors.Is(err, secret.ErrDamaged) {
			t.Errorf("%q: got %v", owner, err)
		}
	}
}

func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	b, _ := newBox(t)
	sealed := seal(t, b, "text", "owner")
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			if plain, err := b.Open(changed, "owner"); err == nil {
				t.Errorf("byte %d, bit %d: opened as %q", i, bit, plain)
			}
		}
	}
	for n := range sealed {
		if _, err := b.Open(sealed[:n], "owner"); err == nil {
			t.Errorf("the first %d bytes open", n)
		}
	}
}

func TestAnotherKeyIsNamed(t *testing.T) {
	t.Parallel()
	first, _ := newBox(t)
	other, _ := newBox(t)
	seal(t, other, "makes its key")
	if _, err := other.Open(seal(t, first, "text")); !errors.Is(err, secret.ErrKey) {
		t.Errorf("got %v, want %v", err, secret.ErrKey)
	}
}

func TestOpeningMakesNoKey(t *testing.T) {
	t.Parallel()
	first, _ := newBox(t)
	b, path := newBox(t)
	if _, err := b.Open(seal(t, first, "text")); err == nil || !strings.Contains(err.Error(), "is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a key was made")
	}
}

const (
	good  = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	other = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="
)

func TestKeyFilesAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"good":           {good + "\n", 0o600, ""},
		"read only":      {good, 0o400, ""},
		"group can read": {good, 0o640, "chmod 600"},
		"all can read":   {good, 0o604, "chmod 600"},
		"empty":          {"", 0o600, "32 random bytes"},
		"short":          {"MDEyMw==", 0o600, "32 random bytes"},
		"no base64":      {"a key", 0o600, "32 random bytes"},
		"two":            {good + "\n" + other + "\n", 0o600, ""},
		"one twice":      {good + "\n" + good + "\n", 0o600, "twice"},
		"one is wrong":   {good + "\nMDEyMw==\n", 0o600, "key 2 of 2"},
		"too many":       {strings.Repeat(good+"\n", 17), 0o600, "1 to 16 keys"},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := secret.NewBox(path).Seal([]byte("x"))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestTwoThatMakeTheKeyGetOne(t *testing.T) {
	t.Parallel()
	_, path := newBox(t)
	sealed := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range sealed {
		all.Go(func() { sealed[i], _ = secret.NewBox(path).Seal([]byte("text")) })
	}
	all.Wait()
	for i, s := range sealed {
		if _, err := secret.NewBox(path).Open(s); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
}
