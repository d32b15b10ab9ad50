// Package secret seals what must not be readable in a database or a backup of
// it. The keys are kept outside the database, in a file or in the environment;
// whoever has only one of the two has nothing.
//
// There may be several keys: the first seals, all open. So a key is replaced while
// everything goes on: a new one is put before it, what is sealed is sealed anew,
// and then the old one is removed. A Keeper does that.
//
// What is sealed is bound to its owner: it does not open for another one, so
// that moving it about in the database gains nobody anything.
//
// The package knows nothing of what it seals, nor of where that is kept.
package secret

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// Why something sealed does not open.
var (
	ErrKey     = errors.New("it was sealed under another key")
	ErrNoKey   = errors.New("the key file is missing")
	ErrDamaged = errors.New("it is damaged, or another owner's")
)

// Box seals and opens. Its methods may be called from any goroutine.
type Box struct {
	path string // of the file with the keys; "" if they were given

	rotating sync.Mutex // held while the file is changed

	mu   sync.Mutex
	keys []*key // the first seals; none until the file has been read; guarded by mu
	seen stamp  // of the file when it was read; guarded by mu
}

// NewBox returns a box whose keys are in the file at path. It reads nothing yet:
// the first to seal makes the file if it is missing.
func NewBox(path string) *Box { return &Box{path: path} }

// NewBoxOf returns a box with the keys of a text, which stay as they are.
func NewBoxOf(text string) (*Box, error) {
	keys, err := parse(text)
	return &Box{keys: keys}, err
}

// Seal returns the plain bytes sealed for an owner, whose name has any number
// of parts.
func (b *Box) Seal(plain []byte, owner ...string) ([]byte, error) {
	keys, err := b.use(true)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	k := keys[0]
	sealed := append([]byte{version}, k.name[:]...)
	return k.aead.Seal(sealed, nil, plain, ownerBytes(owner)), nil
}

// Open returns the plain bytes of what was sealed for the owner. The error is
// ErrKey or ErrDamaged if it was not, or not by one of these keys.
func (b *Box) Open(sealed []byte, owner ...string) ([]byte, error) {
	keys, err := b.use(false)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	name, err := SealedUnder(sealed)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	k := find(keys, name)
	if k == nil {
		return nil, fmt.Errorf("open: %w than those in %s: %s", ErrKey, b.place(), name)
	}
	plain, err := k.aead.Open(nil, nil, sealed[1+nameBytes:], ownerBytes(owner))
	if err != nil {
		return nil, fmt.Errorf("open: %w", ErrDamaged)
	}
	return plain, nil
}

// Reseal seals for the same owner what is not sealed under the first key. It
// returns nil if there is nothing to do, or if no key is there to do it with.
func (b *Box) Reseal(sealed []byte, owner ...string) ([]byte, error) {
	keys, err := b.use(false)
	if err != nil {
		return nil, fmt.Errorf("reseal: %w", err)
	}
	name, err := SealedUnder(sealed)
	if err != nil || name == keys[0].name || find(keys, name) == nil {
		return nil, err
	}
	plain, err := b.Open(sealed, owner...)
	if err != nil {
		return nil, err
	}
	return b.Seal(plain, owner...)
}

// SealedUnder returns the name of the key under which something was sealed, or
// ErrDamaged.
func SealedUnder(sealed []byte) (KeyName, error) {
	if len(sealed) <= nameBytes || sealed[0] != version {
		return KeyName{}, ErrDamaged
	}
	return KeyName(sealed[1:]), nil
}

// Keys returns the names of the keys; none if there is no file yet.
func (b *Box) Keys() ([]KeyName, error) {
	keys, err := b.use(false)
	if errors.Is(err, ErrNoKey) {
		return nil, nil
	}
	names := make([]KeyName, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names, err
}

// use returns the keys. It reads the file once; look and Rotate read it again.
func (b *Box) use(create bool) ([]*key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.keys) > 0 {
		return b.keys, nil
	}
	keys, seen, err := readKeys(b.path, create)
	if err != nil {
		return nil, err
	}
	b.keys, b.seen = keys, seen
	return keys, nil
}

// place says where the keys are.
func (b *Box) place() string {
	if b.path == "" {
		return "the environment"
	}
	return b.path
}

// ownerBytes writes a name so that no two names have the same bytes.
func ownerBytes(parts []string) []byte {
	var all []byte
	for _, part := range parts {
		all = binary.AppendUvarint(all, uint64(len(part)))
		all = append(all, part...)
	}
	return all
}
