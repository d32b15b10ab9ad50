package identity_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"heddle/internal/identity"
)

// All addresses of one IPv6 network are one guesser's; those of others, and IPv4
// addresses however they are written, are counted for themselves.
func TestGuessersAreNetworks(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		guess := func(address string) error {
			req := request()
			req.RemoteAddr = address
			_, err := r.Login(context.Background(), req, "ada", "guess", "p1")
			return err
		}
		for n := range 20 {
			r.want(guess(fmt.Sprintf("[2001:db8::%x]:1", n+1)), identity.ErrBadCredential)
			r.want(guess(fmt.Sprintf("192.0.2.1:%d", n+1)), identity.ErrBadCredential)
		}
		r.want(guess("[2001:db8::ffff:1]:1"), identity.ErrTooMany)
		r.want(guess("[2001:db8:0:1::1]:1"), identity.ErrBadCredential)
		r.want(guess("[::ffff:192.0.2.1]:1"), identity.ErrTooMany)
		r.want(guess("192.0.2.2:1"), identity.ErrBadCredential)
	})
}

// Who guesses from one address under ever new names is counted by the address.
func TestGuessersOfManyNames(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.user("ada", "p1", identity.Operator)
		for n := range 200 {
			_, err := r.caller(signed(identity.Key{Access: fmt.Sprint("AK", n), Secret: "guess"}, time.Now()))
			r.want(err, identity.ErrBadCredential)
		}
		_, err := r.caller(request(identity.TokenHeader, strings.Repeat("x", 1000)))
		r.want(err, identity.ErrTooMany)
		elsewhere := request()
		elsewhere.RemoteAddr = "192.0.2.9:1"
		token, err := r.Login(context.Background(), elsewhere, "ada", password, "p1")
		r.no(err)
		r.wantCaller(request(identity.TokenHeader, token.Text), token.Caller)
	})
}
