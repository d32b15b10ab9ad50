package store

import (
	"context"
	"errors"
)

// ErrQuota says that a project would have more of a resource than its quota.
var ErrQuota = errors.New("the quota does not allow it")

// Resource is something of which a project has a quota.
type Resource string

// The resources that are counted.
const (
	CountedGraphs   Resource = "graphs"
	CountedTriggers Resource = "triggers"
)

// Quota is how much of a resource a project may have, and has. It may have more,
// if it had before the quota was there.
type Quota struct {
	Limit int64
	Used  int64
}

// Quotas keeps how many graphs and triggers a project may have. What it has is
// counted in the transactions that create and delete them: those that create
// return ErrQuota where that would be one too many. A project that has not got
// a quota yet may have any number.
type Quotas interface {
	// Quota returns a project's quota of a resource. A project that has none yet
	// gets the initial one, and keeps it until SetQuota.
	Quota(ctx context.Context, project string, r Resource, initial int64) (Quota, error)
	// SetQuota gives a project another quota of a resource. It returns ErrQuota if
	// the project has more of it.
	SetQuota(ctx context.Context, project string, r Resource, limit int64) (Quota, error)
}
