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
// ways, until there are some more of them.
func cutting(t *testing.T, p *proxytest.Proxy, rng *rand.Rand) (cuts int64) {
	t.Helper()
	const share, more = 0.3, 5
	own := rand.New(rand.NewPCG(rng.Uint64(), 0))
	var mu sync.Mutex // guards own
	var cut atomic.Int64
	p.Commits(func() proxytest.Fate {
		mu.Lock()
		defer mu.Unlock()
		if own.Float64() >= share {
			return proxytest.Pass
		}
		cut.Add(1)
		return []proxytest.Fate{proxytest.CutBefore, proxytest.CutAfter, proxytest.Late}[own.IntN(3)]
	})
	eventually(t, "some COMMITs are cut", func() bool {
		p.LetGo()
		return cut.Load() >= more
	})
	p.Commits(func() proxytest.Fate { return proxytest.Pass })
	p.LetGo()
	return cut.Load()
}

// TestPostgresCommitsInDoubt cuts connections between a COMMIT and its answer.
// Some of these COMMITs have happened, some have not, and some happen later.
func TestPostgresCommitsInDoubt(t *testing.T) {
	t.Parallel()
	p, s, functions := throughProxy(t)
	rng := chance(t)
	cuts := int64(0)
	rideOut(t, s, functions, rng, amount(6, 300), func(int) { cuts += cutting(t, p, rng) })
	t.Logf("%d COMMITs were cut", cuts)
}

// TestPostgresDoubtsTimers does the same while timers fire: each fire time has
// started one execution all the same.
func TestPostgresDoubtsTimers(t *testing.T) {
	t.Parallel()
	p, s, _ := throughProxy(t)
	whileTimersFire(t, s, amount(5, 100), func(rng *rand.Rand) {
		cutting(t, p, rng)
		s.mustRun(t)
	})
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
