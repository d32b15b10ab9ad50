package identity

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Wrong passwords are borne at these rates, of one user from one address and from
// an address in all. Who is over one is refused unheard, so that guessing is slow
// and costs little. Tokens and signatures cannot be guessed, and cost little: of
// them only wrong ones are counted, and right ones pass.
const (
	wrongPerSecond = 1
	wrongBurst     = 20
	// addressFactor is for what stands behind one address: many users.
	addressFactor = 10
)

// attempts counts wrong credentials.
type attempts struct {
	factor int // of the rates

	mu       sync.Mutex
	who      map[string]*rate.Limiter // guarded by mu
	forgiven time.Time                // when that was looked through last; guarded by mu
}

func newAttempts(factor int) *attempts {
	return &attempts{factor: factor, who: map[string]*rate.Limiter{}}
}

// tooMany reports whether who has been wrong too often lately.
func (a *attempts) tooMany(who string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.who[who]
	return l != nil && l.Tokens() < 1
}

// wrong notes that who has been wrong, and reports whether that was once too
// often.
func (a *attempts) wrong(who string) (tooMany bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.who[who]
	if l == nil {
		if len(a.who) >= recentMax {
			a.makeRoom()
		}
		l = rate.NewLimiter(rate.Limit(a.factor*wrongPerSecond), a.factor*wrongBurst)
		a.who[who] = l
	}
	return !l.Allow()
}

// makeRoom forgets who has not been wrong for a while, or anybody if that was
// looked for just now: wrong credentials from very many addresses must neither
// fill the memory nor take the time. The caller holds mu.
func (a *attempts) makeRoom() {
	if now := time.Now(); now.Sub(a.forgiven) >= time.Second {
		a.forgiven = now
		for who, l := range a.who {
			if l.Tokens() >= float64(a.factor*wrongBurst) {
				delete(a.who, who)
			}
		}
	}
	for who := range a.who {
		if len(a.who) < recentMax {
			break
		}
		delete(a.who, who)
	}
}
