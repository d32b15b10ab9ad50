package secret

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// fileMode lets the server's user read the key and nobody else.
const fileMode = 0o600

// readKey returns the key in a file, which holds it as one line of base64. If
// the file is missing, it is made, or the error says so.
func readKey(path string, create bool) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("%w: %s", ErrNoKey, path)
		}
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if err := checkMode(path); err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != keyBytes {
		return nil, fmt.Errorf("the key file %s must hold %d random bytes in base64 (openssl rand -base64 %d)", path, keyBytes, keyBytes)
	}
	return raw, nil
}

// checkMode refuses a key that others on the machine can read.
func checkMode(path string) error {
	if runtime.GOOS == "windows" { // its files have no such mode
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("the key file %s can be read by others (its mode is %04o): chmod 600 it", path, mode)
	}
	return nil
}

// makeKey makes a key and returns it once it is on the disk, whole: what is
// sealed under it may be there the next moment. Of two that make it at once, both
// get the first one's.
func makeKey(path string) ([]byte, error) {
	raw := make([]byte, keyBytes)
	rand.Read(raw)
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".key-*") // with fileMode
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintln(f, base64.StdEncoding.EncodeToString(raw))
	if err := errors.Join(err, f.Chmod(fileMode), f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	switch err := os.Link(f.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return readKey(path, false)
	case err != nil:
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return raw, syncDirectory(dir)
}

func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return nil
}
