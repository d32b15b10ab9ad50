package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"heddle/internal/identity"
	"heddle/internal/payload"
	"heddle/internal/store"
)

// People are the users, as administrators see them.
type People interface {
	NewUser(ctx context.Context, name, password string, grants ...store.Grant) error
	SetPassword(ctx context.Context, name, password string) error
	Disable(ctx context.Context, name string, disabled bool) error
	RemoveUser(ctx context.Context, name string) error
	Grant(ctx context.Context, name, project string, role identity.Role) error
	NewKey(ctx context.Context, name, project string) (identity.Key, error)
	RemoveKey(ctx context.Context, access string) error
}

// userItem is a user as it is shown.
type userItem struct {
	Name      string      `json:"name"`
	Disabled  bool        `json:"disabled"`
	Password  bool        `json:"has_password"`
	CreatedAt string      `json:"created_at"`
	Grants    []grantItem `json:"grants"`
}

type grantItem struct {
	Project string     `json:"project"`
	Role    store.Role `json:"role"`
}

func userItemOf(u store.User, grants []store.Grant) userItem {
	item := userItem{Name: u.Name, Disabled: u.Disabled, Password: u.Password != "", CreatedAt: timeText(u.CreatedAt), Grants: []grantItem{}}
	for _, g := range grants {
		item.Grants = append(item.Grants, grantItem{g.Project, g.Role})
	}
	return item
}

type listUsersAnswer struct {
	Users []userItem `json:"users"`
}

func (a *API) listUsers(ctx context.Context, _ *request) (any, error) {
	users, err := a.store.Users(ctx)
	if err != nil {
		return nil, err
	}
	answer := listUsersAnswer{Users: []userItem{}}
	for _, u := range users {
		_, grants, err := a.store.UserByName(ctx, u.Name)
		if errors.Is(err, store.ErrNotFound) { // removed meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		answer.Users = append(answer.Users, userItemOf(u, grants))
	}
	return answer, nil
}

// createUser makes a user, with a password unless the user only signs.
func (a *API) createUser(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	name, err := body.text("name", codeParameter)
	if err != nil {
		return nil, err
	}
	if !identity.NameForm.MatchString(name) {
		return nil, refuse(codeParameter, "name %q must be 1 to 64 letters, digits and . _ @ -, and begin with a letter or digit", name)
	}
	password := ""
	if body.value.Member("password") != nil {
		if password, err = passwordField(body); err != nil {
			return nil, err
		}
	}
	grants, err := grantsField(body)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		r.Choose("role", string(g.Role)+" in "+g.Project)
	}
	switch err := a.people.NewUser(ctx, name, password, grants...); {
	case errors.Is(err, identity.ErrFirstUser):
		return nil, refuse(codeParameter, "grants must have the role admin for %q: the first user is to let the others in", store.AllProjects)
	case errors.Is(err, store.ErrExists):
		return nil, refuse(codeTaken, "there is a user %q", name)
	case err != nil:
		return nil, err
	}
	r.About = name
	return a.shownUser(ctx, name)
}

// grantsField reads the roles that a user has from the beginning.
func grantsField(body object) ([]store.Grant, error) {
	if body.value.Member("grants") == nil {
		return nil, nil
	}
	list, err := body.field("grants", payload.Array, codeParameter)
	if err != nil {
		return nil, err
	}
	var grants []store.Grant
	for i, item := range list.Items() {
		g := object{fmt.Sprintf("grants[%d]", i), item}
		project, err := g.text("project", codeParameter)
		if err != nil {
			return nil, err
		}
		role, err := g.text("role", codeParameter)
		if err == nil {
			err = checkGrant(project, role)
		}
		if err != nil {
			return nil, err
		}
		grants = append(grants, store.Grant{Project: project, Role: store.Role(role)})
	}
	return grants, nil
}

// checkGrant refuses a role that there is not, or not in that project.
func checkGrant(project, role string) error {
	switch {
	case !slices.Contains(identity.Roles, identity.Role(role)):
		return refuse(codeParameter, "role %q must be one of %v", role, identity.Roles)
	case identity.Role(role) == identity.Admin && project != store.AllProjects:
		return refuse(codeParameter, "the role admin is granted for all projects, %q", store.AllProjects)
	case project == "" || project != store.AllProjects && !consistsOf(project, lettersDigits):
		return refuse(codeProject, "project %q must be letters and digits, or %q for all", project, store.AllProjects)
	}
	return nil
}

func passwordField(body object) (string, error) {
	password, err := body.text("password", codeParameter)
	if err == nil {
		err = identity.CheckPassword(password)
	}
	if err != nil {
		return "", refuse(codeParameter, "%v", err)
	}
	return password, nil
}

func (a *API) showUser(ctx context.Context, r *request) (any, error) {
	return a.shownUser(ctx, r.Param("user"))
}

func (a *API) shownUser(ctx context.Context, name string) (any, error) {
	u, grants, err := a.store.UserByName(ctx, name)
	if err != nil {
		return nil, orUnknownUser(err, name)
	}
	return userItemOf(u, grants), nil
}

func orUnknownUser(err error, name string) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(codeUnknownIdentity, "there is no user %q", name)
	}
	return err
}

// updateUser sets the password, or lets the user in no more, or again.
func (a *API) updateUser(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	if err := body.onlyOr(codeParameter, "password", "disabled"); err != nil {
		return nil, err
	}
	name := r.Param("user")
	if body.value.Member("password") != nil {
		password, err := passwordField(body)
		if err == nil {
			r.Choose("password", "new")
			err = a.people.SetPassword(ctx, name, password)
		}
		if err != nil {
			return nil, orUnknownUser(err, name)
		}
	}
	if body.value.Member("disabled") != nil {
		disabled, err := body.boolean("disabled", codeParameter)
		if err == nil {
			r.Choose("disabled", disabled)
			err = a.people.Disable(ctx, name, disabled)
		}
		if err != nil {
			return nil, orUnknownUser(err, name)
		}
	}
	return a.shownUser(ctx, name)
}

func (a *API) deleteUser(ctx context.Context, r *request) (any, error) {
	name := r.Param("user")
	return nil, orUnknownUser(a.people.RemoveUser(ctx, name), name)
}

// setGrant gives a user a role in a project, or in all of them.
func (a *API) setGrant(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	text, err := body.text("role", codeParameter)
	if err != nil {
		return nil, err
	}
	project := r.Param("project")
	if err := checkGrant(project, text); err != nil {
		return nil, err
	}
	r.Choose("role", text)
	return a.granted(ctx, r.Param("user"), project, identity.Role(text))
}

func (a *API) deleteGrant(ctx context.Context, r *request) (any, error) {
	return a.granted(ctx, r.Param("user"), r.Param("project"), "")
}

func (a *API) granted(ctx context.Context, name, project string, role identity.Role) (any, error) {
	if err := a.people.Grant(ctx, name, project, role); err != nil {
		return nil, orUnknownUser(err, name)
	}
	return a.shownUser(ctx, name)
}
