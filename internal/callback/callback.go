// Package callback makes the tokens with which functions report results later,
// and reads them. A token names an attempt and is sealed: without the key nobody
// can make one, change one, or learn what it names, and it holds after a restart,
// since nothing of it is kept. That it serves once follows from what it names:
// an attempt that has ended awaits no result.
//
// The package knows nothing of executions but how an attempt is named.
package callback

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"heddle/internal/secret"
	"heddle/internal/store"
)

// Path is where reports are taken, with the token behind it.
const Path = "/callbacks/"

// Attempt is what a token names.
type Attempt struct {
	Key                   store.Key // of the execution
	Visit, Branch, Number int
}

// Desk makes and reads tokens.
type Desk struct{ box *secret.Box }

// NewDesk returns a desk whose tokens are sealed by the box.
func NewDesk(box *secret.Box) Desk { return Desk{box} }

// ErrToken says that a text is not a token of this desk.
var ErrToken = errors.New("it is no token of a callback")

// owner keeps apart what is sealed here from what else the box seals.
const owner = "callback"

// Token returns the token of an attempt: some 80 characters that may stand in a
// URL.
func (d Desk) Token(a Attempt) (string, error) {
	sealed, err := d.box.Seal(a.bytes(), owner)
	if err != nil {
		return "", fmt.Errorf("make the token of a callback: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Read returns the attempt that a token names, or ErrToken.
func (d Desk) Read(token string) (Attempt, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return Attempt{}, ErrToken
	}
	plain, err := d.box.Open(sealed, owner)
	if err != nil {
		return Attempt{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return attemptFrom(plain)
}

func (a Attempt) bytes() []byte {
	b := append(make([]byte, 0, 40), a.Key.ID[:]...)
	for _, n := range []int{int(a.Key.Graph), a.Visit, a.Branch, a.Number} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func attemptFrom(b []byte) (a Attempt, err error) {
	rest := b[min(len(b), copy(a.Key.ID[:], b)):]
	var numbers [4]uint64
	for i := range numbers {
		n, size := binary.Uvarint(rest)
		if size <= 0 {
			return Attempt{}, ErrToken
		}
		numbers[i], rest = n, rest[size:]
	}
	a.Key.Graph = store.GraphID(numbers[0])
	a.Visit, a.Branch, a.Number = int(numbers[1]), int(numbers[2]), int(numbers[3])
	return a, nil
}
