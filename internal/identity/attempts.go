package identity

import (
	"sync"

	"golang.org/x/time/rate"
)

// Wrong credentials are borne at this rate, for each access key, user and token,
// and for each address. Who is over it is refused unheard, so that guessing is
// slow and costs little.
const (
	wrongPerSecond = 1
	wrongBurst     = 20
)

// attempts counts wrong credentials.
type attempts struct {
	mu  sync.Mutex
	who map[string]*rate.Limiter // guarded by mu
}

func newAttempts() *attempts { return &attempts{who: map[string]*rate.Limiter{}} }

// tooMany reports whether one of these has been wrong too often lately.
func (a *attempts) tooMany(who ...string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, name := range who {
		if l := a.who[name]; l != nil && l.Tokens() < 1 {
			return true
		}
	}
	return false
}

// wrong notes that each of these has been wrong.
func (a *attempts) wrong(who ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.who) >= recentMax {
		for name, l := range a.who {
			if l.Tokens() >= wrongBurst {
				delete(a.who, name)
			}
		}
	}
	for _, name := range who {
		l := a.who[name]
		if l == nil {
			l = rate.NewLimiter(wrongPerSecond, wrongBurst)
			a.who[name] = l
		}
		l.Allow()
	}
}
