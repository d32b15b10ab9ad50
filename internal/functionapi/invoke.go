package functionapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"heddle/internal/exchange"
	"heddle/internal/function"
)

// invokeMax is the longest that a synchronous invocation is waited for.
const invokeMax = 15 * time.Minute

// event reads the event of an invocation: any JSON, or nothing, which is an
// empty object.
func (r *request) event() (string, error) {
	text, err := r.text()
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		return "{}", nil
	}
	if !jsontext.Value(text).IsValid() {
		return "", refuse(codeSyntax, "the event must be JSON")
	}
	return text, nil
}

func (a *API) invoke(ctx context.Context, r *request) (any, error) {
	t, err := a.target(r)
	if err != nil {
		return nil, err
	}
	event, err := r.event()
	if err != nil {
		return nil, err
	}
	if err := a.invocations.Enter(r.project); err != nil {
		return nil, err
	}
	defer a.invocations.Leave(r.project)

	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	r.Note("invocation", id.String())
	begun := time.Now()
	result := a.queue.Invoke(ctx, function.Request{
		Function: a.catalog.URN(t.FunctionName, t.qualifier), Project: r.project,
		Input: event, Timeout: invokeMax, InvocationID: id.String(), Attempt: 1,
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if result.Usage.Duration == 0 {
		result.Usage.Duration = time.Since(begun)
	}
	call := invocation{r, id.String(), result}
	if failed := result.Failure; failed != nil {
		r.Note("failure", failed.Name)
		if refused := call.refusal(); refused != nil {
			refused.header = call.header()
			return nil, refused
		}
	}
	if r.Header.Get("X-CFF-Request-Version") == "v1" {
		return exchange.Reply{Status: http.StatusOK, Header: call.header(), JSON: call.wrapped()}, nil
	}
	return exchange.Reply{Status: http.StatusOK, Header: call.header(), Raw: []byte(result.Output)}, nil
}

// invocation is a synchronous one that is over.
type invocation struct {
	*request
	id     string
	result function.Result
}

// refusal is what a failure becomes that is an error of HTTP: with version v1 of
// the answer, whatever the function itself has done is none.
func (i invocation) refusal() *refusal {
	failed := i.result.Failure
	own := failed.Thrown || failed.Name == function.Timeout || failed.Name == function.ActionFailed
	if own && i.Header.Get("X-CFF-Request-Version") == "v1" {
		return nil
	}
	switch failed.Name {
	case function.NotFound:
		return refuse(codeNoFunction, "%s", failed.Message)
	case function.Timeout:
		return refuse(codeTimeout, "%s", failed.Message)
	case function.TooManyRequests:
		return refuse(codeTooMany, "%s", failed.Message)
	case function.FunctionStageUnavailable:
		return refuse(codeUnavailable, "%s", failed.Message)
	case function.ActionFailed:
		return refuse(codeInternal, "%s", failed.Text())
	}
	return refuse(codeBadAnswer, "%s", failed.Message)
}

// header says what there is to say beside the result.
func (i invocation) header() http.Header {
	used := i.result.Usage
	summary, _ := json.Marshal(struct {
		Duration        float64 `json:"duration"`        // milliseconds
		BillingDuration int64   `json:"billingDuration"` // the same, rounded up
		MemorySize      int     `json:"memorySize"`      // MiB that there were
		MemoryUsed      float64 `json:"memoryUsed"`      // MiB
	}{
		float64(used.Duration.Microseconds()) / 1000,
		(used.Duration + time.Millisecond - 1).Milliseconds(),
		used.MemoryMax,
		float64(used.Memory*100>>20) / 100,
	})
	h := http.Header{
		"X-Cff-Request-Id":     {i.id},
		"X-Cff-Invoke-Summary": {string(summary)},
	}
	if i.result.Failure == nil && !jsontext.Value(i.result.Output).IsValid() {
		h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	}
	if strings.EqualFold(i.Header.Get("X-Cff-Log-Type"), "tail") {
		h["X-Cff-Function-Log"] = []string{base64.StdEncoding.EncodeToString([]byte(used.Log))}
	}
	return h
}

// wrappedShape is an answer of version v1.
type wrappedShape struct {
	RequestID string `json:"request_id"`
	Result    string `json:"result"`
	Log       string `json:"log"`
	Status    int    `json:"status"`
}

// errorShape is the result of a function that has failed.
type errorShape struct {
	Message string   `json:"errorMessage"`
	Type    string   `json:"errorType"`
	Stack   []string `json:"stackTrace"`
}

func (i invocation) wrapped() wrappedShape {
	w := wrappedShape{RequestID: i.id, Result: i.result.Output, Status: http.StatusOK}
	if strings.EqualFold(i.Header.Get("X-Cff-Log-Type"), "tail") {
		w.Log = i.result.Usage.Log
	}
	if failed := i.result.Failure; failed != nil {
		shape := errorShape{Message: failed.Message, Type: failed.Type, Stack: []string{}}
		if shape.Type == "" {
			shape.Type = failed.Name
		}
		if failed.Stack != "" {
			shape.Stack = strings.Split(failed.Stack, "\n")
		}
		text, _ := json.Marshal(shape, jsontext.AllowInvalidUTF8(true))
		w.Result, w.Status = string(text), failed.Status()
	}
	return w
}
