package api

import (
	"context"
	"errors"

	"heddle/internal/secret"
)

// Secrets takes care of the keys under which secrets are sealed.
type Secrets interface {
	Status(ctx context.Context) (secret.Status, error)
	Rotate() (secret.KeyName, error)
}

// sealingKey is a key as it is shown: by its name, which says nothing about it.
type sealingKey struct {
	Name      string         `json:"name"`
	Known     bool           `json:"known"`
	Seals     bool           `json:"seals"`
	Sealed    map[string]int `json:"sealed"`
	Removable bool           `json:"removable"`
}

type secretsAnswer struct {
	Place string       `json:"place"`
	Keys  []sealingKey `json:"keys"`
}

func (a *API) showSecrets(ctx context.Context, _ *request) (any, error) {
	status, err := a.secrets.Status(ctx)
	if err != nil {
		return nil, err
	}
	answer := secretsAnswer{Place: status.Place, Keys: []sealingKey{}}
	for _, k := range status.Keys {
		answer.Keys = append(answer.Keys, sealingKey{
			Name: k.Name.String(), Known: k.Known, Seals: k.Seals, Sealed: k.Sealed,
			Removable: k.Known && !k.Seals && k.Count() == 0,
		})
	}
	return answer, nil
}

func (a *API) rotateSecrets(ctx context.Context, r *request) (any, error) {
	_, err := a.secrets.Rotate()
	if errors.Is(err, secret.ErrFixed) {
		return nil, refuse(codeForbidden, "%v", err)
	}
	if err != nil {
		return nil, err
	}
	return a.showSecrets(ctx, r)
}
