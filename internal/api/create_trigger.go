package api

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"heddle/internal/journal"
	"heddle/internal/payload"
	"heddle/internal/store"
	"heddle/internal/trigger"
)

type createTriggerAnswer struct {
	URN string `json:"trigger_urn"`
}

func (a *API) createTrigger(ctx context.Context, r *request) (any, error) {
	body, err := r.objectOr(triggerCodes)
	if err != nil {
		return nil, err
	}
	source, err := body.text("event_source", codeTriggerSource)
	if err != nil {
		return nil, err
	}
	if err := trigger.CheckSource(source); err != nil {
		return nil, refuseFault(err)
	}
	t := store.Trigger{
		Project: r.project, Source: source, UUID: uuid.NewString(),
		CreatedAt: journal.Millis(time.Now().Truncate(time.Second).UnixMilli()),
	}
	named := body.value.Member("name") != nil
	if t.Name = t.UUID; named {
		if t.Name, err = triggerName(body); err != nil {
			return nil, err
		}
	}
	if body.value.Member("description") != nil {
		if t.Description, err = triggerDescription(body); err != nil {
			return nil, err
		}
	}
	if v := body.value.Member("trigger_def"); v != nil && v.Kind() != payload.Null {
		if t.Definition, err = body.text("trigger_def", codeTriggerDefinition); err != nil {
			return nil, err
		}
	}
	d, err := trigger.Parse(source, t.Definition)
	if err != nil {
		return nil, refuseFault(err)
	}
	if err := a.checkTopicOwner(d, r.project); err != nil {
		return nil, err
	}
	t.Resource = d.Resource
	t.URN = a.triggerURN(t, named)
	if err := a.checkBucket(ctx, t); err != nil {
		return nil, err
	}
	quota, err := a.quotaOf(ctx, r, store.CountedTriggers)
	if err != nil {
		return nil, err
	}
	if _, err := a.store.CreateTrigger(ctx, t); errors.Is(err, store.ErrQuota) {
		return nil, refuse(codeTriggersQuota, "the quota of the project is %d triggers", quota.Limit)
	} else if err != nil {
		return nil, err
	}
	r.About = t.URN
	return createTriggerAnswer{t.URN}, nil
}

func triggerName(body object) (string, error) {
	const lengthMax = 32
	name, err := body.text("name", codeTriggerName)
	switch {
	case err != nil:
		return "", err
	case utf8.RuneCountInString(name) > lengthMax:
		return "", refuse(codeTriggerNameLength, "name has %d characters, at most %d are allowed", utf8.RuneCountInString(name), lengthMax)
	case name == "" || !consistsOf(name, lettersDigits+"-"):
		return "", refuse(codeTriggerName, "name %q must be letters, digits and '-'; leave it out to have one made", name)
	}
	return name, nil
}

func triggerDescription(body object) (string, error) {
	description, err := body.text("description", codeParameter)
	n := utf8.RuneCountInString(description)
	switch {
	case err != nil:
		return "", err
	case n > descriptionMax:
		return "", refuse(codeTriggerDescription, "description has %d characters, at most %d are allowed", n, descriptionMax)
	case strings.ContainsRune(description, 0):
		return "", refuse(codeParameter, "description must not contain the character U+0000")
	}
	return description, nil
}

// checkTopicOwner refuses a topic that is not the project's.
func (a *API) checkTopicOwner(d trigger.Definition, project string) error {
	switch {
	case d.Region != "" && d.Region != a.cfg.Region:
		return refuse(codeNoTopic, "Topic is of region %q, but this is %q", d.Region, a.cfg.Region)
	case d.Project != "" && d.Project != project:
		return refuse(codeTopicForbidden, "Topic is of another project than the path")
	}
	return nil
}
