package functionapi

import (
	"context"

	"heddle/internal/store"
)

// codeBodyMax is the longest body that carries code: a package in base64, and
// what stands around it.
const codeBodyMax = zipBytes/3*4 + 64<<10

// admitUpload lets a body that carries code be read. Few of the long ones are held
// at a time, each until its caller is done.
func (a *API) admitUpload(ctx context.Context, r *request) (done func(), err error) {
	if r.ContentLength <= r.bodyMax {
		return func() {}, nil
	}
	select {
	case a.uploads <- struct{}{}:
	case <-ctx.Done():
		return nil, refuseForNow(codeTooMany, "others are sending code for too long; nothing has happened, try again")
	}
	r.bodyMax = max(r.bodyMax, codeBodyMax)
	return func() { <-a.uploads }, nil
}

func (a *API) createFunction(ctx context.Context, r *request) (any, error) {
	var body struct {
		others
		configBody
		codeBody
		Package *string `json:"package"`
	}
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	name := store.FunctionName{Project: r.project, Package: given(body.Package), Name: given(body.FuncName)}
	if err := checkName(name.Name); err != nil {
		return nil, err
	}
	if err := checkPackage(name.Package); err != nil {
		return nil, err
	}
	if err := checkRuntime(given(body.Runtime)); err != nil {
		return nil, err
	}
	d, err := body.draft(given(body.Runtime))
	if err != nil {
		return nil, err
	}
	if err := body.apply(&d.Properties); err != nil {
		return nil, err
	}
	instances, calls, err := body.limits()
	if err != nil {
		return nil, err
	}
	d.Secrets = given(body.EncryptedUserData)
	f, err := a.catalog.Create(ctx, name, d)
	if err != nil {
		return nil, err
	}
	if instances != nil || calls != nil {
		if f, err = a.catalog.SetInstances(ctx, name, instances, calls); err != nil {
			return nil, err
		}
	}
	r.About = a.catalog.URN(name, "")
	r.chooseCode(f.Latest)
	return a.shape(f, f.Latest), nil
}
