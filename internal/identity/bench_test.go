package identity_test

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"heddle/internal/identity"
	"heddle/internal/identity/signature"
	"heddle/internal/secret"
	"heddle/internal/store"
	"heddle/internal/store/memory"
)

// BenchmarkRefusals times refusals of signed requests in turn: by a key that there
// is not, by a signature that is wrong from its first digit, and by one that is
// wrong in its last. It reports Welch's t of the first and the last against the one
// in the middle: below 4.5, nobody can tell them apart by that many samples.
//
// It wants many: go test -bench Refusals -benchtime 100000x ./internal/identity
func BenchmarkRefusals(b *testing.B) {
	ctx := context.Background()
	st := memory.New(1)
	i := identity.New(identity.Config{SignedWithin: time.Hour}, st, secret.NewBox(filepath.Join(b.TempDir(), "key")), slog.New(slog.DiscardHandler))
	if err := i.NewUser(ctx, "ada", "", store.Grant{Project: store.AllProjects, Role: store.Role(identity.Admin)}); err != nil {
		b.Fatal(err)
	}
	key, err := i.NewKey(ctx, "ada", "p1")
	if err != nil {
		b.Fatal(err)
	}
	changed := func(at int) *http.Request {
		r := request()
		signature.Sign(r, nil, key.Access, key.Secret, time.Now())
		text := []byte(r.Header.Get("Authorization"))
		place := len(text) - 64 + at
		text[place] = map[bool]byte{true: '1', false: '0'}[text[place] == '0']
		r.Header.Set("Authorization", string(text))
		return r
	}
	unknown := changed(0)
	unknown.Header.Set("Authorization", strings.Replace(unknown.Header.Get("Authorization"), key.Access, strings.Repeat("0", len(key.Access)), 1))
	kinds := []*http.Request{unknown, changed(0), changed(63)}
	var times [3]sample
	for n := 0; b.Loop(); n++ {
		for k := range kinds {
			k = (k + n) % len(kinds) // none always comes after the same one
			began := time.Now()
			_, err := i.Caller(ctx, kinds[k], nil)
			times[k].add(float64(time.Since(began)))
			if err == nil {
				b.Fatal("a wrong signature has passed")
			}
		}
	}
	b.ReportMetric(welch(times[0], times[1]), "t/unknown-key")
	b.ReportMetric(welch(times[2], times[1]), "t/good-prefix")
	b.ReportMetric(times[1].mean, "ns/refusal")
}

// sample is a mean and a variance that grow (Welford).
type sample struct{ n, mean, squares float64 }

func (s *sample) add(x float64) {
	s.n++
	d := x - s.mean
	s.mean += d / s.n
	s.squares += d * (x - s.mean)
}

func welch(a, b sample) float64 {
	return math.Abs(a.mean-b.mean) / math.Sqrt(a.squares/(a.n-1)/a.n+b.squares/(b.n-1)/b.n)
}
