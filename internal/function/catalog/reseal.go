package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"heddle/internal/secret"
	"heddle/internal/store"
)

// configsPage is how many configurations are read at a time.
const configsPage = 100

// eachSealed calls f for each version of any function that has secrets.
func (c *Catalog) eachSealed(ctx context.Context, f func(stored store.VersionConfig, p Properties) error) error {
	after := store.FunctionRevision(0)
	for {
		page, err := c.store.VersionConfigs(ctx, after, configsPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, stored := range page {
			after = stored.Revision
			var p Properties
			err := json.Unmarshal(stored.Config, &p)
			if err == nil && len(p.Secrets) > 0 {
				err = f(stored, p)
			}
			if err != nil {
				return fmt.Errorf("secrets of function %s, version %d: %w", stored.Name, stored.Revision, err)
			}
		}
	}
}

// Sealed counts versions by the key under which their secrets are sealed.
func (c *Catalog) Sealed(ctx context.Context) (map[secret.KeyName]int, error) {
	counts := map[secret.KeyName]int{}
	err := c.eachSealed(ctx, func(_ store.VersionConfig, p Properties) error {
		name, err := secret.SealedUnder(p.Secrets)
		counts[name]++
		return err
	})
	return counts, err
}

// Reseal seals the secrets of all versions under the first key of the box. Their
// meaning stays, and so does their revision: instances go on.
func (c *Catalog) Reseal(ctx context.Context) (int, error) {
	done := 0
	// Versions that were published from each other share their sealed bytes, by
	// which it is known that they are alike. So they get the same new ones.
	anew := map[store.FunctionName]map[string][]byte{}
	err := c.eachSealed(ctx, func(stored store.VersionConfig, p Properties) (err error) {
		of := anew[stored.FunctionName]
		if of == nil {
			of = map[string][]byte{}
			anew[stored.FunctionName] = of
		}
		sealed, ok := of[string(p.Secrets)]
		if !ok {
			if sealed, err = c.box.Reseal(p.Secrets, sealOwner(stored.FunctionName)...); err != nil || sealed == nil {
				return err
			}
			of[string(p.Secrets)] = sealed
		}
		p.Secrets = sealed
		err = c.store.RewriteConfig(ctx, stored.Revision, stored.Config, encode(p))
		if errors.Is(err, store.ErrNotFound) { // it was changed meanwhile
			return nil
		}
		if err == nil {
			done++
		}
		return err
	})
	return done, err
}
