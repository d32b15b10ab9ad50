package functionapi

import (
	"context"
	"maps"
	"slices"

	"heddle/internal/function/catalog"
)

// asyncShape is how asynchronous invocations of a version or an alias are treated.
type asyncShape struct {
	FuncURN     string           `json:"func_urn"`
	AgeMax      int              `json:"max_async_event_age_in_seconds"`
	RetriesMax  int              `json:"max_async_retry_attempts"`
	Destination destinationShape `json:"destination_config"`
	CreatedTime string           `json:"created_time,omitempty"`
	Modified    string           `json:"last_modified,omitempty"`
	StatusLog   bool             `json:"enable_async_status_log"`
}

// destinationShape says where to report to, which is nowhere.
type destinationShape struct{}

func (a *API) asyncShape(t target, cfg catalog.AsyncConfig) asyncShape {
	shape := asyncShape{
		FuncURN: a.catalog.URN(t.FunctionName, t.qualifier), AgeMax: cfg.AgeMax, RetriesMax: cfg.RetriesMax,
		StatusLog: true, // every status is kept, and asked for
	}
	if cfg.CreatedAt != 0 {
		shape.CreatedTime, shape.Modified = timeText(cfg.CreatedAt), timeText(cfg.ModifiedAt)
	}
	return shape
}

func (a *API) showAsync(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	if _, err := a.catalog.Qualified(ctx, f, t.qualifier); err != nil {
		return nil, err
	}
	return a.asyncShape(t, f.AsyncFor(t.qualifier)), nil
}

// The limits of the treatment of asynchronous invocations.
const (
	ageMax     = 86400 // seconds
	retriesMax = 3
)

type asyncBody struct {
	others
	AgeMax      *int `json:"max_async_event_age_in_seconds"`
	RetriesMax  *int `json:"max_async_retry_attempts"`
	Destination *struct {
		OnSuccess *destinationBody `json:"on_success"`
		OnFailure *destinationBody `json:"on_failure"`
	} `json:"destination_config"`
}

type destinationBody struct {
	Destination *string `json:"destination"`
}

func (a *API) updateAsync(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	var body asyncBody
	if err := r.decode(&body); err != nil {
		return nil, err
	}
	cfg, err := body.config()
	if err != nil {
		return nil, err
	}
	if cfg, err = a.catalog.SetAsync(ctx, t.FunctionName, t.qualifier, cfg); err != nil {
		return nil, err
	}
	return a.asyncShape(t, cfg), nil
}

func (b asyncBody) config() (catalog.AsyncConfig, error) {
	cfg := catalog.DefaultAsync
	replace(&cfg.AgeMax, b.AgeMax)
	replace(&cfg.RetriesMax, b.RetriesMax)
	switch {
	case cfg.AgeMax < 1 || cfg.AgeMax > ageMax:
		return cfg, refuse(codeParameter, "max_async_event_age_in_seconds must be from 1 to %d, not %d", ageMax, cfg.AgeMax)
	case cfg.RetriesMax < 0 || cfg.RetriesMax > retriesMax:
		return cfg, refuse(codeParameter, "max_async_retry_attempts must be from 0 to %d, not %d", retriesMax, cfg.RetriesMax)
	case b.Destination == nil:
		return cfg, nil
	}
	for _, to := range []*destinationBody{b.Destination.OnSuccess, b.Destination.OnFailure} {
		if to != nil && given(to.Destination) != "" {
			return cfg, refuse(codeNotAvailable, "destination_config is not available here; leave it out, and ask for the status of an invocation")
		}
	}
	return cfg, nil
}

func (a *API) deleteAsync(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	return nil, a.catalog.ResetAsync(ctx, t.FunctionName, t.qualifier)
}

type listAsyncAnswer struct {
	Configs []asyncShape `json:"async_invoke_configs"`
	Count   int          `json:"count"`
	Page    pageShape    `json:"page_info"`
}

type pageShape struct {
	NextMarker     int64 `json:"next_marker"`
	PreviousMarker int64 `json:"previous_marker"`
	CurrentCount   int   `json:"current_count"`
}

// listAsync lists what has been configured. There are as many at most as a
// function has versions and aliases.
func (a *API) listAsync(ctx context.Context, r *request) (any, error) {
	f, t, err := a.function(ctx, r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	page, err := q.page("limit", 10, 100)
	if err != nil {
		return nil, err
	}
	keys := slices.Sorted(maps.Keys(f.Async))
	shown := keys[min(page.Offset, len(keys)):]
	shown = shown[:min(page.Limit, len(shown))]
	answer := listAsyncAnswer{Configs: []asyncShape{}, Count: len(keys), Page: pageShape{
		NextMarker:     nextMarker(page, len(shown), int64(len(keys))),
		PreviousMarker: int64(max(0, page.Offset-page.Limit)),
		CurrentCount:   len(shown),
	}}
	for _, key := range shown {
		answer.Configs = append(answer.Configs, a.asyncShape(target{t.FunctionName, key}, f.Async[key]))
	}
	return answer, nil
}
