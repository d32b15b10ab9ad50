package identity

import (
	"context"
	"slices"

	"heddle/internal/exchange"
	"heddle/internal/identity/signature"
)

// Admit lets a request pass that asks for something in a project, and returns who
// sent it; or it returns why it does not: an error of this package, of reading the
// body, of which it reads at most bodyMax bytes, or of the store.
func (i *Identity) Admit(ctx context.Context, x *exchange.Exchange, bodyMax int64, project string, need Need) (Caller, error) {
	var body string
	if signature.Signed(x.Request) {
		var err error
		if body, err = x.ReadBody(bodyMax); err != nil {
			return Caller{}, err
		}
	}
	c, err := i.Caller(ctx, x.Request, []byte(body))
	if err != nil {
		return c, err
	}
	if c.User != "" {
		x.Note("user", c.User)
	}
	if project != "" && slices.ContainsFunc(x.Header[ProjectHeader], func(named string) bool { return named != project }) {
		return c, ErrOtherProject
	}
	if err := c.May(project, need); err != nil {
		return c, err
	}
	if !i.rates.allow(project) {
		return c, ErrRate
	}
	return c, nil
}
