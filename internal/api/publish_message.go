package api

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"heddle/internal/payload"
	"heddle/internal/source"
)

const subjectMax = 512 // characters

type publishAnswer struct {
	MessageID string `json:"message_id"`
}

// publishMessage publishes a message to a topic, which need not have been made.
func (a *API) publishMessage(ctx context.Context, r *request) (any, error) {
	const action = "message.publish"
	if err := a.admitSource(ctx, r, action); err != nil {
		return nil, err
	}
	return a.executed(ctx, r, action, a.takeMessage)
}

func (a *API) takeMessage(ctx context.Context, r *request) (any, error) {
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	n := source.Notification{Region: a.cfg.Region, Project: r.project, Topic: r.Param("topic"), At: time.Now()}
	if n.Message, err = body.text("message", codeParameter); err != nil {
		return nil, err
	}
	if n.Subject, err = optionalText(body, "subject"); err != nil {
		return nil, err
	}
	if length := utf8.RuneCountInString(n.Subject); length > subjectMax {
		return nil, refuse(codeParameter, "subject has %d characters, at most %d are allowed", length, subjectMax)
	}
	key, err := r.idempotencyKey()
	switch {
	case err != nil:
		return nil, err
	case key == "":
		n.MessageID = source.MessageID(uuid.NewString())
	default:
		n.MessageID = source.MessageID(key)
	}
	e, err := n.Event()
	if err != nil {
		return nil, refuseEvent(err)
	}
	if err := a.events.Receive(ctx, r.project, []source.Event{e}); err != nil {
		return nil, err
	}
	return publishAnswer{n.MessageID}, nil
}

// optionalText returns a member that must be a string if it is there.
func optionalText(o object, name string) (string, error) {
	if v := o.value.Member(name); v == nil || v.Kind() == payload.Null {
		return "", nil
	}
	return o.text(name, codeParameter)
}
