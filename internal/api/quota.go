package api

import (
	"context"
	"errors"
	"strconv"

	"heddle/internal/payload"
	"heddle/internal/store"
)

// Quotas may be from quotaMin to quotaMax.
const (
	quotaMin = 1
	quotaMax = 10_000
)

// Quotas are how many graphs and triggers a project may have that has not been
// given other quotas, each from 1 to 10,000. A project keeps what it is given at
// its first use.
type Quotas struct {
	Graphs   int64
	Triggers int64
}

func (q Quotas) of(r store.Resource) int64 {
	if r == store.CountedGraphs {
		return q.Graphs
	}
	return q.Triggers
}

type quotaAnswer struct {
	Quotas quotaResources `json:"quotas"`
}

type quotaResources struct {
	Resources []quotaItem `json:"resources"`
}

// quotaItem is a quota as it is shown.
type quotaItem struct {
	Type  store.Resource `json:"type"`
	Unit  string         `json:"unit"`
	Min   int64          `json:"min"`
	Max   int64          `json:"max"`
	Quota int64          `json:"quota"`
	Used  int64          `json:"used"`
}

func quotaItemOf(r store.Resource, q store.Quota) quotaItem {
	return quotaItem{Type: r, Min: quotaMin, Max: quotaMax, Quota: q.Limit, Used: q.Used}
}

// quota shows a project's quota of a resource.
func (a *API) quota(resource store.Resource) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		q, err := a.quotaOf(ctx, r, resource)
		if err != nil {
			return nil, err
		}
		return quotaAnswer{quotaResources{[]quotaItem{quotaItemOf(resource, q)}}}, nil
	}
}

// quotaOf returns the project's quota of a resource. Whatever uses it for the first
// time asks for it before, since that fixes it.
func (a *API) quotaOf(ctx context.Context, r *request, resource store.Resource) (store.Quota, error) {
	q, err := a.store.Quota(ctx, r.project, resource, a.cfg.Quotas.of(resource))
	return q, orFault(err, r, codeQuotaFault)
}

type defaultQuotaAnswer struct {
	Quotas map[store.Resource]int64 `json:"quota_set"`
}

// defaultQuota shows the quota that projects get at their first use.
func (a *API) defaultQuota(resource store.Resource) endpoint {
	return func(context.Context, *request) (any, error) {
		return defaultQuotaAnswer{map[store.Resource]int64{resource: a.cfg.Quotas.of(resource)}}, nil
	}
}

// setQuota gives a project another quota of a resource, for its operator.
func (a *API) setQuota(resource store.Resource) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		body, err := r.objectOr(bodyCodes{none: codeNoQuota, syntax: codeSyntax, kind: codeQuotaMalformed})
		if err != nil {
			return nil, err
		}
		if given(body, "quota") == nil {
			return nil, refuse(codeNoQuota, "quota is missing; it must be a whole number from %d to %d", quotaMin, quotaMax)
		}
		value, err := body.field("quota", payload.Number, codeQuotaMalformed)
		if err != nil {
			return nil, err
		}
		limit, err := strconv.ParseInt(value.Text(), 10, 64)
		if err != nil || limit < quotaMin || limit > quotaMax {
			return nil, refuse(codeQuotaMalformed, "quota must be a whole number from %d to %d, not %s", quotaMin, quotaMax, value.Text())
		}
		return a.changeQuota(ctx, r, resource, limit, codeQuotaBelowUse)
	}
}

// resetQuota gives a project the quota that new projects get.
func (a *API) resetQuota(resource store.Resource) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		return a.changeQuota(ctx, r, resource, a.cfg.Quotas.of(resource), codeDefaultBelowUse)
	}
}

func (a *API) changeQuota(ctx context.Context, r *request, resource store.Resource, limit int64, belowUse string) (any, error) {
	r.Choose("quota", limit)
	q, err := a.store.SetQuota(ctx, r.project, resource, limit)
	if errors.Is(err, store.ErrQuota) {
		return nil, refuse(belowUse, "the project has more than %d %s; delete some first", limit, resource)
	}
	if err != nil {
		return nil, orFault(err, r, codeQuotaFault)
	}
	return quotaItemOf(resource, q), nil
}
