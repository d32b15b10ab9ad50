package client

import (
	"context"
	"net/http"
)

// Quota says how much of a resource, graphs or triggers, the project may have, and
// has.
type Quota struct {
	Type  string `json:"type"`
	Unit  string `json:"unit"`
	Min   int    `json:"min"` // the smallest quota there may be
	Max   int    `json:"max"`
	Quota int    `json:"quota"`
	Used  int    `json:"used"`
}

// Quota returns the project's quota of a resource: graphs or triggers.
func (c *Client) Quota(ctx context.Context, resource string) (Quota, error) {
	var answer struct {
		Quotas struct {
			Resources []Quota `json:"resources"`
		} `json:"quotas"`
	}
	err := c.get(ctx, &answer, nil, "cloud_"+resource+"_quota")
	if err != nil || len(answer.Quotas.Resources) == 0 {
		return Quota{}, err
	}
	return answer.Quotas.Resources[0], nil
}

// SetQuota gives the project another quota of a resource.
func (c *Client) SetQuota(ctx context.Context, resource string, limit int) (Quota, error) {
	body := struct {
		Quota int `json:"quota"`
	}{limit}
	return c.changeQuota(ctx, call{method: http.MethodPut, body: body}, resource)
}

// ResetQuota gives the project the default quota of a resource.
func (c *Client) ResetQuota(ctx context.Context, resource string) (Quota, error) {
	return c.changeQuota(ctx, call{method: http.MethodDelete}, resource)
}

func (c *Client) changeQuota(ctx context.Context, k call, resource string) (Quota, error) {
	var q Quota
	k.base, k.path, k.answer, k.repeatable = c.server+"/heddle/quotas", []string{c.name, resource}, &q, true
	err := c.do(ctx, k)
	return q, err
}
