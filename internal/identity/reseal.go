package identity

import (
	"context"
	"errors"
	"fmt"

	"heddle/internal/secret"
	"heddle/internal/store"
)

// CheckKeys returns an error if the secrets that are stored do not open: then the
// keys of the box are others than they were sealed under.
func (i *Identity) CheckKeys(ctx context.Context) error {
	keys, err := i.store.Keys(ctx)
	if err != nil {
		return err
	}
	var problems []error
	for _, k := range keys {
		if _, err := i.box.Open(k.Secret, keyOwner(k)...); err != nil {
			problems = append(problems, fmt.Errorf("the secret of access key %s: %w", k.Access, err))
		}
	}
	return errors.Join(problems...)
}

// Sealed counts access keys by the key under which their secrets are sealed.
func (i *Identity) Sealed(ctx context.Context) (map[secret.KeyName]int, error) {
	keys, err := i.store.Keys(ctx)
	counts := map[secret.KeyName]int{}
	for _, k := range keys {
		name, err := secret.SealedUnder(k.Secret)
		if err != nil {
			return nil, fmt.Errorf("the secret of access key %s: %w", k.Access, err)
		}
		counts[name]++
	}
	return counts, err
}

// Reseal seals the secrets of access keys under the first key of the box. Each is
// valid throughout.
func (i *Identity) Reseal(ctx context.Context) (int, error) {
	keys, err := i.store.Keys(ctx)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, k := range keys {
		sealed, err := i.box.Reseal(k.Secret, keyOwner(k)...)
		if err == nil && sealed != nil {
			if err = i.store.ResealKey(ctx, k.Access, k.Secret, sealed); err == nil {
				done++
			} else if errors.Is(err, store.ErrNotFound) { // it was deleted meanwhile
				err = nil
			}
		}
		if err != nil {
			return done, fmt.Errorf("the secret of access key %s: %w", k.Access, err)
		}
	}
	return done, nil
}
