package identity

import (
	"sync"

	"golang.org/x/time/rate"
)

// rates bounds how many requests a project sends in a second.
type rates struct {
	perSecond int // 0: any number

	mu sync.Mutex
	of map[string]*rate.Limiter // by project; guarded by mu
}

func newRates(perSecond int) *rates {
	return &rates{perSecond: perSecond, of: map[string]*rate.Limiter{}}
}

// allow counts a request of a project, and reports whether it may pass.
func (r *rates) allow(project string) bool {
	if r.perSecond == 0 {
		return true
	}
	r.mu.Lock()
	l := r.of[project]
	if l == nil {
		if len(r.of) >= recentMax { // of projects that there are, there are not so many
			clear(r.of)
		}
		l = rate.NewLimiter(rate.Limit(r.perSecond), 2*r.perSecond)
		r.of[project] = l
	}
	r.mu.Unlock()
	return l.Allow()
}
