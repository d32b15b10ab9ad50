package client

import (
	"context"
	"net/http"
)

// User is a user as it is stored.
type User struct {
	Name      string  `json:"name"`
	Disabled  bool    `json:"disabled"`
	Password  bool    `json:"has_password"`
	CreatedAt string  `json:"created_at"`
	Grants    []Grant `json:"grants"`
}

// Grant is a role of a user in a project; the project * stands for all.
type Grant struct {
	Project string `json:"project"`
	Role    string `json:"role"`
}

// UserList is a list of users, by name.
type UserList struct {
	Users []User `json:"users"`
}

// UserChange is what is to be changed about a user; nil fields stay.
type UserChange struct {
	Password *string `json:"password,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// CreateUser makes a user with a grant. Without a password the user only signs
// requests.
func (c *Client) CreateUser(ctx context.Context, name, password string, g Grant) (User, error) {
	body := struct {
		Name     string  `json:"name"`
		Password string  `json:"password,omitempty"`
		Grants   []Grant `json:"grants"`
	}{name, password, []Grant{g}}
	var u User
	err := c.operate(ctx, http.MethodPost, body, &u, "users")
	return u, err
}

// Users lists all users.
func (c *Client) Users(ctx context.Context) (UserList, error) {
	list := UserList{Users: []User{}}
	err := c.operate(ctx, http.MethodGet, nil, &list, "users")
	return list, err
}

// ChangeUser changes a user.
func (c *Client) ChangeUser(ctx context.Context, name string, change UserChange) (User, error) {
	var u User
	err := c.operate(ctx, http.MethodPut, change, &u, "users", name)
	return u, err
}

// DeleteUser removes a user with grants, keys and tokens.
func (c *Client) DeleteUser(ctx context.Context, name string) error {
	return c.operate(ctx, http.MethodDelete, nil, nil, "users", name)
}

// Grant gives a user a role in a project; an empty role ends what was granted.
func (c *Client) Grant(ctx context.Context, name, project, role string) (User, error) {
	var u User
	if role == "" {
		err := c.operate(ctx, http.MethodDelete, nil, &u, "users", name, "grants", project)
		return u, err
	}
	body := struct {
		Role string `json:"role"`
	}{role}
	err := c.operate(ctx, http.MethodPut, body, &u, "users", name, "grants", project)
	return u, err
}

// Key is an access key; its secret is known only when it has just been made.
type Key struct {
	Access    string `json:"access"`
	Secret    string `json:"secret,omitempty"`
	User      string `json:"user,omitempty"`
	Project   string `json:"project,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
}

// KeyList is a list of access keys.
type KeyList struct {
	Keys []Key `json:"keys"`
}

// CreateKey makes an access key of a user for a project.
func (c *Client) CreateKey(ctx context.Context, user, project string) (Key, error) {
	body := struct {
		User    string `json:"user"`
		Project string `json:"project"`
	}{user, project}
	var k Key
	err := c.operate(ctx, http.MethodPost, body, &k, "keys")
	return k, err
}

// Keys lists all access keys.
func (c *Client) Keys(ctx context.Context) (KeyList, error) {
	list := KeyList{Keys: []Key{}}
	err := c.operate(ctx, http.MethodGet, nil, &list, "keys")
	return list, err
}

// DeleteKey removes an access key.
func (c *Client) DeleteKey(ctx context.Context, access string) error {
	return c.operate(ctx, http.MethodDelete, nil, nil, "keys", access)
}

// SealingKeys are the keys under which secrets are sealed, the one that seals
// first.
type SealingKeys struct {
	Place string       `json:"place"` // where they are
	Keys  []SealingKey `json:"keys"`
}

// SealingKey is one of them, by its name.
type SealingKey struct {
	Name      string         `json:"name"`
	Known     bool           `json:"known"`     // the server has it
	Seals     bool           `json:"seals"`     // what is new is sealed under it
	Sealed    map[string]int `json:"sealed"`    // how much is, by kind
	Removable bool           `json:"removable"` // nothing stored needs it
}

// SealingKeys returns the keys, and what is sealed under each.
func (c *Client) SealingKeys(ctx context.Context) (SealingKeys, error) {
	var keys SealingKeys
	err := c.operate(ctx, http.MethodGet, nil, &keys, "secrets")
	return keys, err
}

// RotateSealingKeys puts a new key before the others.
func (c *Client) RotateSealingKeys(ctx context.Context) (SealingKeys, error) {
	var keys SealingKeys
	err := c.operate(ctx, http.MethodPost, nil, &keys, "secrets", "rotate")
	return keys, err
}

// Project is a project that is known by a name.
type Project struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at,omitempty"`
}

// ProjectList is a list of projects, by name.
type ProjectList struct {
	Projects []Project `json:"projects"`
}

// CreateProject gives a project id a name. An empty id is the name.
func (c *Client) CreateProject(ctx context.Context, name, id string) (Project, error) {
	body := struct {
		Name string `json:"name"`
		ID   string `json:"id,omitempty"`
	}{name, id}
	var p Project
	err := c.operate(ctx, http.MethodPost, body, &p, "projects")
	return p, err
}

// Projects lists the projects that are known by a name.
func (c *Client) Projects(ctx context.Context) (ProjectList, error) {
	list := ProjectList{Projects: []Project{}}
	err := c.operate(ctx, http.MethodGet, nil, &list, "projects")
	return list, err
}

// operate makes a call that belongs to no project.
func (c *Client) operate(ctx context.Context, method string, body, answer any, path ...string) error {
	return c.do(ctx, call{
		method: method, base: c.server, path: append([]string{"heddle"}, path...),
		body: body, answer: answer, repeatable: method == http.MethodGet,
	})
}

// Login returns a token of a user for a project.
func (c *Client) Login(ctx context.Context, user, password, project string) (string, error) {
	type object = map[string]any
	body := object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": object{"name": user, "password": password}}},
		"scope":    object{"project": object{"id": project}},
	}}
	var header http.Header
	err := c.do(ctx, call{method: http.MethodPost, base: c.server, path: []string{"v3", "auth", "tokens"}, body: body, answered: &header})
	return header.Get("X-Subject-Token"), err
}
