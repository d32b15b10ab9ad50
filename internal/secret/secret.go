// Package secret seals what must not be readable in a database or a backup of
// it. The key is kept outside the database, in a file; whoever has only one of
// the two has nothing.
//
// What is sealed is bound to its owner: it does not open for another one, so
// that moving it about in the database gains nobody anything.
//
// The package knows nothing of what it seals, nor of where that is kept.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
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

// Box seals and opens under the key in a file. Its methods may be called from
// any goroutine.
type Box struct {
	path string

	mu  sync.Mutex
	key *key // nil until the file has been read; guarded by mu
}

// NewBox returns a box whose key is in the file at path. It reads nothing yet:
// the first to seal makes the file if it is missing.
func NewBox(path string) *Box { return &Box{path: path} }

// key is one AES-256 key.
type key struct {
	aead cipher.AEAD
	name [nameBytes]byte // tells keys apart and says nothing about this one
}

// Sealed bytes begin with a version and the name of the key; then comes what
// AES-256-GCM makes of it, with its nonce in front.
const (
	version   = 1
	nameBytes = 4
	keyBytes  = 32
)

func newKey(raw []byte) (*key, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	k := &key{aead: aead}
	sum := sha256.Sum256(append([]byte("heddle key name "), raw...))
	copy(k.name[:], sum[:])
	return k, nil
}

// Seal returns the plain bytes sealed for an owner, whose name has any number
// of parts.
func (b *Box) Seal(plain []byte, owner ...string) ([]byte, error) {
	k, err := b.use(true)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	sealed := append([]byte{version}, k.name[:]...)
	return k.aead.Seal(sealed, nil, plain, ownerBytes(owner)), nil
}

// Open returns the plain bytes of what was sealed for the owner. The error is
// ErrKey or ErrDamaged if it was not, or not by this key.
func (b *Box) Open(sealed []byte, owner ...string) ([]byte, error) {
	k, err := b.use(false)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open: %w", err)
	case len(sealed) <= nameBytes || sealed[0] != version:
		return nil, fmt.Errorf("open: %w", ErrDamaged)
	case string(sealed[1:1+nameBytes]) != string(k.name[:]):
		return nil, fmt.Errorf("open: %w than the one in %s", ErrKey, b.path)
	}
	plain, err := k.aead.Open(nil, nil, sealed[1+nameBytes:], ownerBytes(owner))
	if err != nil {
		return nil, fmt.Errorf("open: %w", ErrDamaged)
	}
	return plain, nil
}

// use returns the key. It reads the file once.
func (b *Box) use(create bool) (*key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.key != nil {
		return b.key, nil
	}
	raw, err := readKey(b.path, create)
	if err != nil {
		return nil, err
	}
	b.key, err = newKey(raw)
	return b.key, err
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
