package callback_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"heddle/internal/callback"
	"heddle/internal/secret"
	"heddle/internal/store"
)

var attempt = callback.Attempt{Key: store.Key{Graph: 1 << 40, ID: store.ExecutionID{1, 2, 15: 255}}, Visit: 10_000, Branch: 999, Number: 11}

func TestTokens(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	token := tokenOf(t, callback.NewDesk(secret.NewBox(path)))
	if strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		t.Errorf("the token %s cannot stand in a path as it is", token)
	}
	// Another process has nothing but the key.
	got, err := callback.NewDesk(secret.NewBox(path)).Read(token)
	if err != nil || got != attempt {
		t.Errorf("got %+v, %v, want %+v", got, err, attempt)
	}
	if again := tokenOf(t, callback.NewDesk(secret.NewBox(path))); again == token {
		t.Error("two tokens of an attempt are equal: they say something about it")
	}
}

func tokenOf(t *testing.T, d callback.Desk) string {
	t.Helper()
	token, err := d.Token(attempt)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestForgeries changes a token in every place, and tries other texts.
func TestForgeries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	box := secret.NewBox(filepath.Join(dir, "key"))
	d := callback.NewDesk(box)
	token := tokenOf(t, d)
	sealedForOthers, err := box.Seal([]byte("0123456789abcdef\x01\x01\x01\x01"), "project", "function")
	if err != nil {
		t.Fatal(err)
	}
	forged := []string{
		"", "x", token[1:], token[:len(token)-1], token + "A", token + "=", strings.ToLower(token), string(sealedForOthers),
		tokenOf(t, callback.NewDesk(secret.NewBox(filepath.Join(dir, "other key")))),
	}
	for i := range token {
		other := "A"
		if token[i] == 'A' {
			other = "B"
		}
		forged = append(forged, token[:i]+other+token[i+1:])
	}
	for _, text := range forged {
		if a, err := d.Read(text); !errors.Is(err, callback.ErrToken) {
			t.Errorf("%q was taken for %+v, %v", text, a, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	d := callback.NewDesk(secret.NewBox(filepath.Join(f.TempDir(), "key")))
	token, err := d.Token(attempt)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := d.Read(text); err == nil && text != token {
			t.Errorf("%q was taken for %+v", text, a)
		}
	})
}
