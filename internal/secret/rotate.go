package secret

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrFixed says that the keys are not in a file that could be changed.
var ErrFixed = errors.New("the keys cannot be changed from here")

// Rotate puts a new key before the others. From then on it seals.
func (b *Box) Rotate() (KeyName, error) {
	if b.path == "" {
		return KeyName{}, fmt.Errorf("%w, since they stand in the environment: put a new one before the others there, and start the server again", ErrFixed)
	}
	if _, err := b.use(true); err != nil {
		return KeyName{}, err
	}
	if info, err := os.Lstat(b.path); err != nil || !info.Mode().IsRegular() {
		return KeyName{}, fmt.Errorf("%w, since %s is not a file of its own: put a new key before the others there", ErrFixed, b.path)
	}
	b.rotating.Lock()
	defer b.rotating.Unlock()
	removeUnfinished(b.path)
	keys, _, err := readKeys(b.path, false)
	if err != nil {
		return KeyName{}, err
	}
	if len(keys) >= keysMax {
		return KeyName{}, fmt.Errorf("%w: there are %d, as many as are allowed: remove those that seal nothing any more", ErrFixed, len(keys))
	}
	text, err := os.ReadFile(b.path)
	if err != nil {
		return KeyName{}, err
	}
	with := randomKey() + "\n" + string(text)
	if _, err := parse(with); err != nil { // two keys may have one name, once in four thousand million times
		return KeyName{}, err
	}
	err = place(b.path, with, func(made string) error { return os.Rename(made, b.path) })
	if err != nil {
		return KeyName{}, fmt.Errorf("write the key file: %w", err)
	}
	keys, seen, err := readKeys(b.path, false)
	if err != nil {
		return KeyName{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys, b.seen = keys, seen
	return keys[0].name, nil
}

// look reads the file again if it has been changed, and reports whether it has.
// Of the keys that it has no more, those must not be needed any more that missed
// names.
func (b *Box) look(missed func(gone []KeyName) error) (bool, error) {
	if b.path == "" {
		return false, nil
	}
	b.mu.Lock()
	known, seen := b.keys, b.seen
	b.mu.Unlock()
	now, err := stampOf(b.path)
	if len(known) == 0 || now == seen {
		return false, nil
	}
	var keys []*key
	if err == nil {
		// Whoever has written it may not have waited for the disk.
		err = errors.Join(flush(b.path), flush(filepath.Dir(b.path)))
	}
	if err == nil {
		keys, now, err = readKeys(b.path, false)
	}
	if err == nil {
		err = missed(without(known, keys))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen != seen {
		return false, nil // it was rotated meanwhile
	}
	b.seen = now // also of one that is wrong: it is said once
	if err != nil {
		return false, err
	}
	b.keys = keys
	return true, nil
}

// without returns the names of the keys that are not among others.
func without(keys, others []*key) []KeyName {
	var gone []KeyName
	for _, k := range keys {
		if find(others, k.name) == nil {
			gone = append(gone, k.name)
		}
	}
	return gone
}
