package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// key is one AES-256 key.
type key struct {
	aead cipher.AEAD
	name KeyName
}

// KeyName tells keys apart and says nothing about them.
type KeyName [nameBytes]byte

func (n KeyName) String() string { return hex.EncodeToString(n[:]) }

// Sealed bytes begin with a version and the name of the key; then comes what
// AES-256-GCM makes of it, with its nonce in front.
const (
	version   = 1
	nameBytes = 4
	keyBytes  = 32
	keysMax   = 16
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

// randomKey returns a new key as it is written.
func randomKey() string {
	raw := make([]byte, keyBytes)
	rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

// parse reads keys, with blanks, commas or ends of lines between them. What is
// wrong with one is said without repeating it.
func parse(text string) ([]*key, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,\t\r\n", r) })
	if len(words) == 0 || len(words) > keysMax {
		return nil, fmt.Errorf("there must be 1 to %d keys, each of %s", keysMax, keyForm)
	}
	var keys []*key
	for i, word := range words {
		raw, err := base64.StdEncoding.DecodeString(word)
		if err != nil || len(raw) != keyBytes {
			return nil, fmt.Errorf("key %d of %d must be %s", i+1, len(words), keyForm)
		}
		k, err := newKey(raw)
		if err != nil {
			return nil, err
		}
		if find(keys, k.name) != nil {
			return nil, errors.New("a key must not stand there twice")
		}
		keys = append(keys, k)
	}
	return keys, nil
}

const keyForm = "32 random bytes in base64 (openssl rand -base64 32)"

// find returns the key of a name, or nil.
func find(keys []*key, name KeyName) *key {
	if i := slices.IndexFunc(keys, func(k *key) bool { return k.name == name }); i >= 0 {
		return keys[i]
	}
	return nil
}
