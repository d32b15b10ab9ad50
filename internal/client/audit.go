package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// AuditRecord is a record of the audit log: all that its hash covers, in the words
// of docs/api.md.
type AuditRecord struct {
	Number    int64  `json:"number"`
	At        string `json:"at"`
	Stage     string `json:"stage"`
	Of        int64  `json:"of,omitempty"`
	Action    string `json:"action"`
	User      string `json:"user"`
	AccessKey string `json:"access_key,omitempty"`
	Project   string `json:"project"`
	Object    string `json:"object"`
	Detail    string `json:"detail,omitempty"`
	Address   string `json:"address"`
	Request   string `json:"request_id"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"error_code,omitempty"`
	Left      int64  `json:"left_out,omitempty"`
	Hash      string `json:"hash"`
}

// AuditQuery chooses records of the audit log. What is not set chooses all.
type AuditQuery struct {
	InProject bool // those of the client's project only, which its operators may see
	User      string
	AccessKey string
	Action    string
	Object    string
	Since     string // RFC 3339
	Until     string // likewise
	After     int64  // behind that record, in the order
	Ascending bool   // by number; else the newest first
	Limit     int
}

// AuditLog returns records of the audit log, over as many pages as it takes.
func (c *Client) AuditLog(ctx context.Context, q AuditQuery) ([]AuditRecord, error) {
	path := []string{}
	if q.InProject {
		path = append(path, c.name)
	}
	values := url.Values{}
	for name, value := range map[string]string{
		"user": q.User, "access_key": q.AccessKey, "action": q.Action, "object": q.Object, "since": q.Since, "until": q.Until,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Ascending {
		values.Set("order", "asc")
	}
	if q.After > 0 {
		values.Set("marker", strconv.FormatInt(q.After, 10))
	}
	_, records, err := collect(q.Limit, func(marker string, limit int) (page[AuditRecord], error) {
		if marker != "" {
			values.Set("marker", marker)
		}
		values.Set("limit", strconv.Itoa(limit))
		var answer struct {
			Records []AuditRecord `json:"records"`
			Next    string        `json:"next_marker"`
		}
		err := c.do(ctx, call{
			method: http.MethodGet, base: c.server + "/heddle/audit", path: path, query: values, answer: &answer, repeatable: true,
		})
		return page[AuditRecord]{items: answer.Records, next: answer.Next}, err
	})
	return records, err
}
