package e2e

import (
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heddle/internal/store/postgres/proxytest"
)

// throughProxy prepares a server that reaches its database through a proxy.
func throughProxy(t *testing.T) (*proxytest.Proxy, *server, *ledger) {
	t.Helper()
	c, s, functions := onCluster(t)
	p, err := proxytest.New("tcp", c.host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	u, err := url.Parse(s.store)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.Addr()
	s.store = u.String()
	return p, s, functions
}

// cutting has a share of the COMMITs end their connections, in each of the three
// ways, and counts them.
func cutting(rng *rand.Rand, share float64, cuts *atomic.Int64) func() proxytest.Fate {
	var mu sync.Mutex // guards rng
	return func() proxytest.Fate {
		mu.Lock()
		defer mu.Unlock()
		if rng.Float64() >= share {
			return proxytest.Pass
		}
		cuts.Add(1)
		return []proxytest.Fate{proxytest.CutBefore, proxytest.CutAfter, proxytest.Late}[rng.IntN(3)]
	}
}

// TestPostgresCommitsInDoubt cuts connections between a COMMIT and its answer.
// Some of these COMMITs have happened, some have not, and some happen later.
func TestPostgresCommitsInDoubt(t *testing.T) {
	t.Parallel()
	p, s, functions := throughProxy(t)
	rng := chance(t)
	var cuts atomic.Int64
	rideOut(t, s, functions, rng, amount(6, 300), func(int) {
		before := cuts.Load()
		p.Commits(cutting(rand.New(rand.NewPCG(rng.Uint64(), 0)), 0.3, &cuts))
		eventually(t, "a few COMMITs are cut", func() bool {
			p.LetGo()
			return cuts.Load() >= before+5
		})
		p.Commits(func() proxytest.Fate { return proxytest.Pass })
		p.LetGo()
	})
	t.Logf("%d COMMITs were cut", cuts.Load())
}

// TestPostgresDoesNotAnswer holds all bytes between the server and its database
// back, for longer than either waits.
func TestPostgresDoesNotAnswer(t *testing.T) {
	t.Parallel()
	p, s, functions := throughProxy(t)
	rng := chance(t)
	rideOut(t, s, functions, rng, amount(2, 20), func(n int) {
		p.Hang(true)
		pause(t.Context(), between(rng, 500, 2000)+time.Duration(n%2)*8*time.Second)
		p.Hang(false)
	})
}
