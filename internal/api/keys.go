package api

import (
	"context"
	"errors"
	"net/http"

	"heddle/internal/exchange"
	"heddle/internal/store"
)

// keyItem is an access key as it is shown: without its secret.
type keyItem struct {
	Access    string `json:"access"`
	User      string `json:"user"`
	Project   string `json:"project"`
	CreatedAt string `json:"created_at"`
}

type listKeysAnswer struct {
	Keys []keyItem `json:"keys"`
}

func (a *API) listKeys(ctx context.Context, _ *request) (any, error) {
	keys, err := a.store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	answer := listKeysAnswer{Keys: []keyItem{}}
	for _, k := range keys {
		answer.Keys = append(answer.Keys, keyItem{k.Access, k.UserName, k.Project, timeText(k.CreatedAt)})
	}
	return answer, nil
}

type createKeyAnswer struct {
	Access string `json:"access"`
	Secret string `json:"secret"` // shown once
}

func (a *API) createKey(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	name, err := body.text("user", codeParameter)
	if err != nil {
		return nil, err
	}
	project, err := body.text("project", codeParameter)
	if err != nil {
		return nil, err
	}
	if project == "" || project != store.AllProjects && !consistsOf(project, lettersDigits) {
		return nil, refuse(codeProject, "project %q must be letters and digits, or %q for all", project, store.AllProjects)
	}
	r.Choose("user", name)
	r.Choose("project", project)
	k, err := a.people.NewKey(ctx, name, project)
	if err != nil {
		return nil, orUnknownUser(err, name)
	}
	r.About = k.Access
	return exchange.Reply{
		Status: http.StatusOK, JSON: createKeyAnswer(k),
		Header: http.Header{"Cache-Control": {"no-store"}},
	}, nil
}

func (a *API) deleteKey(ctx context.Context, r *request) (any, error) {
	access := r.Param("access")
	err := a.people.RemoveKey(ctx, access)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(codeUnknownIdentity, "there is no access key %q", access)
	}
	return nil, err
}
