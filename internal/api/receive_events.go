package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"heddle/internal/identity"
	"heddle/internal/payload"
	"heddle/internal/source"
)

// Events is where events of sources are taken in.
type Events interface {
	// Receive returns when the events are on the disk.
	Receive(ctx context.Context, project string, events []source.Event) error
}

// EventSource says how the event sources of a project prove who they are, and
// what their CloudEvents are.
type EventSource struct {
	Secret string // that their requests carry; "" if they need none
	Topics []source.TopicRule
}

// receiveEvents takes what an event source sends, in any of the forms that
// package source reads.
func (a *API) receiveEvents(ctx context.Context, r *request) (any, error) {
	const action = "event.receive"
	if err := a.admitSource(ctx, r, action); err != nil {
		return nil, err
	}
	return a.executed(ctx, r, action, a.takeEvents)
}

func (a *API) takeEvents(ctx context.Context, r *request) (any, error) {
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	events, err := a.readEvents(ctx, r, text, a.cfg.EventSources[r.project].Topics)
	if err != nil {
		return nil, refuseEvent(err)
	}
	if err := a.events.Receive(ctx, r.project, events); err != nil {
		return nil, err
	}
	return nil, nil
}

func (a *API) readEvents(ctx context.Context, r *request, text string, rules []source.TopicRule) ([]source.Event, error) {
	if source.IsCloudEvent(r.Header) {
		return source.CloudEvent(r.Header, text, a.cfg.Region, r.project, rules, time.Now())
	}
	o, err := payload.Parse(text, depthMax)
	switch {
	case strings.TrimSpace(text) == "":
		return nil, refuse(codeNoBody, "send an event in the body")
	case err == nil && source.IsNotification(o):
		return a.readNotification(ctx, r, text)
	case err == nil && !source.IsObjects(o):
		return nil, refuse(codeEventSource, "the body is neither a CloudEvent, nor a message of an S3 server (with Records), nor one of a topic service (with topic_urn)")
	}
	return source.Objects(text)
}

// readNotification reads what a topic service delivers. A subscription is
// confirmed at once: who knows the secret may subscribe.
func (a *API) readNotification(ctx context.Context, r *request, text string) ([]source.Event, error) {
	n, confirmation, err := source.Delivered(text, time.Now())
	switch {
	case err != nil:
		return nil, err
	case confirmation != nil:
		r.Note("topic", confirmation.Topic)
		if err := a.cfg.Confirm(ctx, confirmation.URL); err != nil {
			return nil, refuse(codeMessage, "the subscription cannot be confirmed: %v", err)
		}
		return nil, nil
	case n == nil:
		return nil, nil
	}
	if err := a.checkOwner("topic_urn", n.Region, n.Project, r); err != nil {
		return nil, err
	}
	e, err := n.Event()
	return []source.Event{e}, err
}

// admitSource lets an event source pass that knows the project's secret, or where
// there is none, one with any credential that may let something happen.
func (a *API) admitSource(ctx context.Context, r *request, action string) error {
	if secret := a.cfg.EventSources[r.project].Secret; secret != "" {
		err := checkSecret(r, secret)
		if err != nil {
			a.refused(ctx, r, action, err)
		}
		return err
	}
	return a.admit(ctx, r, route{need: identity.Trigger, action: action})
}

// checkSecret refuses a request without the secret. It takes the same time for
// every wrong one.
func checkSecret(r *request, secret string) error {
	given := r.Header.Get("X-Heddle-Event-Secret")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && given == "" {
		given = bearer
	}
	if given == "" {
		given = r.URL.Query().Get("secret") // of servers that send no header of their own
	}
	want, got := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(given))
	switch {
	case given == "":
		return refuse(codeNoCredential, "send the secret of the project's event sources as X-Heddle-Event-Secret, as a bearer token, or as the query parameter secret")
	case !hmac.Equal(want[:], got[:]):
		return refuse(codeBadCredential, "the secret is not that of the project's event sources")
	}
	return nil
}

// refuseEvent tells what is wrong with an event.
func refuseEvent(err error) error {
	var f *source.Fault
	if errors.As(err, &f) {
		return refuse(f.Code, "%s", f.Message)
	}
	return err
}
