package api

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"heddle/internal/engine"
	"heddle/internal/payload"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// messageMax is how long the result or the error of a worker may be, in
// characters.
const messageMax = 32768

// messageCodes are the codes of bodies of worker messages.
var messageCodes = bodyCodes{none: codeMessageUnreadable, syntax: codeMessageSyntax, kind: codeMessageUnreadable}

// workerTypes are the types of messages as the header spells them.
var workerTypes = map[string]string{
	"workrequest": urn.WorkRequest,
	"heartbeat":   urn.HeartBeat,
	"worksuccess": urn.WorkSuccess,
	"workfailure": urn.WorkFailure,
}

type taskAnswer struct {
	Token string `json:"task_token"`
	Item  string `json:"work_item"`
}

// workerMessage is all that workers say; a header tells what.
func (a *API) workerMessage(ctx context.Context, r *request) (any, error) {
	const header = "X-FGS-EVENT-TYPE"
	kind, ok := workerTypes[strings.ToLower(r.Header.Get(header))]
	if !ok {
		return nil, refuse(codeMessageType, "%s must be workrequest, heartbeat, worksuccess or workfailure, not %q", header, r.Header.Get(header))
	}
	body, err := r.objectOr(messageCodes)
	if err != nil {
		return nil, err
	}
	source, err := a.workerTrigger(r, body, kind)
	if err != nil {
		return nil, err
	}
	if kind == urn.WorkRequest {
		return a.requestWork(ctx, r, source)
	}
	message := engine.Event{Trigger: source.String()}
	switch kind {
	case urn.WorkSuccess:
		message.Payload, err = workerResult(body)
	case urn.WorkFailure:
		message.Payload, err = workerError(body)
	}
	if err != nil {
		return nil, err
	}
	u, err := a.taskToken(r, body)
	if err != nil {
		return nil, err
	}
	_, head, err := a.execution(ctx, u)
	if err != nil {
		return nil, err
	}
	if err := a.engine.Send(ctx, head.Key, message); err != nil {
		return nil, orNotTaken(err, u)
	}
	return nil, nil
}

// workerTrigger reads trigger_urn, which must be of the type that the header says.
func (a *API) workerTrigger(r *request, body object, kind string) (urn.Trigger, error) {
	text, err := body.text("trigger_urn", codeMessage)
	if err != nil {
		return urn.Trigger{}, err
	}
	t, err := urn.ParseTrigger(text)
	switch {
	case err != nil:
		return urn.Trigger{}, refuse(codeURN, "trigger_urn is malformed: %v", err)
	case t.Source != urn.SourceWorker:
		return urn.Trigger{}, refuse(codeEventSource, "trigger_urn is of the source %s, not of a worker", t.Source)
	case t.WorkerType() != kind:
		return urn.Trigger{}, refuse(codeMessageType, "the header says %s, and trigger_urn is of another type", kind)
	}
	return t, a.checkOwner("trigger_urn", t.Region, t.Project, r)
}

// requestWork answers with a piece of work, as soon as there is one.
func (a *API) requestWork(ctx context.Context, r *request, source urn.Trigger) (any, error) {
	patience, err := r.waitSeconds(waitMax)
	if err != nil {
		return nil, err
	}
	t, err := a.store.TriggerByURN(ctx, r.project, source.String())
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(codeEventSource, "the project has no trigger %s", source)
	}
	if err != nil {
		return nil, err
	}
	task, err := a.engine.RequestWork(ctx, t, patience)
	switch {
	case errors.Is(err, engine.ErrNoWork):
		return nil, nil
	case err != nil:
		return nil, orEventFailed(err)
	}
	token := task.Execution.String()
	r.Note("execution", token)
	return taskAnswer{token, task.Item}, nil
}

// workerResult reads what a worker has come to, which must be JSON.
func workerResult(body object) (string, error) {
	text, err := messageText(body, "result")
	if err != nil {
		return "", err
	}
	if err := payload.Valid(text, depthMax); err != nil {
		return "", refuse(codeMessage, "result must be a string that holds JSON: %s", faultText(err))
	}
	return text, nil
}

// workerError reads why a worker has failed: JSON, or else a text.
func workerError(body object) (string, error) {
	text, err := messageText(body, "error")
	if err != nil {
		return "", err
	}
	if payload.Valid(text, depthMax) != nil {
		return payload.Quote(text), nil
	}
	return text, nil
}

func messageText(body object, name string) (string, error) {
	text, err := body.text(name, codeMessage)
	if err != nil {
		return "", err
	}
	if n := utf8.RuneCountInString(text); n < 1 || n > messageMax {
		return "", refuse(codeMessage, "%s has %d characters, it must have 1 to %d", name, n, messageMax)
	}
	return text, nil
}

// taskToken reads task_token: the URN of the execution whose work it is. One of
// another project is as good as malformed.
func (a *API) taskToken(r *request, body object) (urn.Execution, error) {
	text, err := body.text("task_token", codeMessage)
	if err != nil {
		return urn.Execution{}, err
	}
	u, err := urn.ParseExecution(text)
	switch {
	case err != nil:
		return urn.Execution{}, refuse(codeTaskToken, "task_token is malformed: %v", err)
	case u.Region != a.cfg.Region || u.Project != r.project:
		return urn.Execution{}, refuse(codeTaskToken, "task_token is of another region or project than the path")
	}
	r.Note("execution", text)
	return u, nil
}
