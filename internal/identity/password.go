package identity

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password's hash: what OWASP recommends for argon2id.
const (
	hashMemory  = 19 << 10 // KiB
	hashTime    = 2
	hashThreads = 1
	hashBytes   = 32
	saltBytes   = 16
)

// The length of passwords, in characters.
const (
	passwordMin = 8
	passwordMax = 128
)

// CheckPassword returns what is wrong with a new password.
func CheckPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < passwordMin || n > passwordMax || !utf8.ValidString(password) {
		return fmt.Errorf("a password has %d to %d characters", passwordMin, passwordMax)
	}
	return nil
}

// hash returns the hash of a password, in the form in which argon2 hashes are
// written everywhere: with its parameters and its salt.
func (i *Identity) hash(ctx context.Context, password string) (string, error) {
	salt := chance(saltBytes)
	key, err := i.derive(ctx, password, salt, hashTime, hashMemory, hashThreads)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// derive computes a hash when its turn has come.
func (i *Identity) derive(ctx context.Context, password string, salt []byte, time, memory uint32, threads uint8) ([]byte, error) {
	select {
	case i.hashing <- struct{}{}:
		defer func() { <-i.hashing }()
		return argon2.IDKey([]byte(password), salt, time, memory, threads, hashBytes), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// matches reports whether a password has the hash. Where there is no hash it takes
// as long as where there is one.
func (i *Identity) matches(ctx context.Context, password, hash string) (bool, error) {
	var version int
	var memory, time uint32
	var threads uint8
	var salt, want []byte
	fields := strings.Split(hash, "$")
	if len(fields) == 6 && fields[1] == "argon2id" {
		_, errVersion := fmt.Sscanf(fields[2], "v=%d", &version)
		_, errCost := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
		var errSalt, errKey error
		salt, errSalt = base64.RawStdEncoding.DecodeString(fields[4])
		want, errKey = base64.RawStdEncoding.DecodeString(fields[5])
		if errVersion != nil || errCost != nil || errSalt != nil || errKey != nil || version != argon2.Version {
			return false, fmt.Errorf("read the hash of a password: it is not one of argon2id, version %d", argon2.Version)
		}
	} else {
		memory, time, threads, salt, want = hashMemory, hashTime, hashThreads, make([]byte, saltBytes), nil
	}
	got, err := i.derive(ctx, password, salt, time, memory, threads)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
