package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"heddle/internal/callback"
	"heddle/internal/engine"
	"heddle/internal/exchange"
	"heddle/internal/identity"
)

// endpoint is one call of the API. What it returns becomes the JSON body of a
// 200; nil becomes a 204.
type endpoint func(ctx context.Context, r *request) (any, error)

// exchange makes an endpoint a handler.
func (a *API) exchange(call endpoint, shape errorShape) http.HandlerFunc {
	return a.exchanges.Handler(a.cfg.CallTimeout, func(x *exchange.Exchange) exchange.Call {
		if strings.HasPrefix(x.URL.Path, callback.Path) {
			x.Shown = callback.Path + "…" // what follows is as good as a password
		}
		r := &request{Exchange: x, bodyMax: a.cfg.BodyMax}
		return exchange.Call{
			Answer: func(ctx context.Context) (any, error) { return call(ctx, r) },
			Refuse: func(err error) exchange.Refusal {
				refusal := refusalFor(err, r).as(shape)
				// Of those of the engine, it says how many there were.
				refusal.Many = errors.Is(err, engine.ErrOverloaded) || errors.Is(err, engine.ErrShareUsed) || errors.Is(err, identity.ErrRate)
				return refusal
			},
		}
	})
}
