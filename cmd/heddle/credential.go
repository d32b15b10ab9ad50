package main

import (
	"net/http"
	"time"

	"heddle/internal/identity/signature"
)

// authorize returns what proves the caller of each request, as the environment
// says it: a token, or an access key with its secret. It returns nil if the
// environment has neither.
func (a *app) authorize() func(r *http.Request, body []byte) {
	if token := a.getenv("HEDDLE_TOKEN"); token != "" {
		return func(r *http.Request, _ []byte) { r.Header.Set("X-Auth-Token", token) }
	}
	access, secret := a.getenv("HEDDLE_ACCESS_KEY"), a.getenv("HEDDLE_SECRET_KEY")
	if access == "" || secret == "" {
		return nil
	}
	return func(r *http.Request, body []byte) { signature.Sign(r, body, access, secret, time.Now()) }
}
