package api

import (
	"context"
	"errors"
	"time"

	"heddle/internal/identity"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// projectItem is a project as it is shown.
type projectItem struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
}

type listProjectsAnswer struct {
	Projects []projectItem `json:"projects"`
}

func (a *API) listProjects(ctx context.Context, _ *request) (any, error) {
	projects, err := a.store.Projects(ctx)
	if err != nil {
		return nil, err
	}
	answer := listProjectsAnswer{Projects: []projectItem{}}
	for _, p := range projects {
		answer.Projects = append(answer.Projects, projectItem{p.ID, p.Name, timeText(p.CreatedAt)})
	}
	return answer, nil
}

// createProject gives a project a name. Its id is the name, unless it has another.
func (a *API) createProject(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	p := store.Project{CreatedAt: journal.Millis(time.Now().UnixMilli())}
	if p.Name, err = body.text("name", codeParameter); err != nil {
		return nil, err
	}
	p.ID = p.Name
	if body.value.Member("id") != nil {
		if p.ID, err = body.text("id", codeParameter); err != nil {
			return nil, err
		}
	}
	switch {
	case !identity.NameForm.MatchString(p.Name):
		return nil, refuse(codeParameter, "name %q must be 1 to 64 letters, digits and . _ @ -, and begin with a letter or digit", p.Name)
	case p.ID == "" || len(p.ID) > projectMax || !consistsOf(p.ID, lettersDigits):
		return nil, refuse(codeProject, "id %q must be 1 to %d letters and digits", p.ID, projectMax)
	}
	switch err := a.store.CreateProject(ctx, p); {
	case errors.Is(err, store.ErrExists):
		return nil, refuse(codeTaken, "there is a project of the id %q or the name %q", p.ID, p.Name)
	case err != nil:
		return nil, err
	}
	r.About = p.ID
	return projectItem{p.ID, p.Name, timeText(p.CreatedAt)}, nil
}
