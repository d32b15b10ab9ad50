package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"heddle/internal/callback"
	"heddle/internal/exchange"
	"heddle/internal/store"
)

// route is one row of the table of calls.
type route struct {
	method   string
	path     string // below /v1.0/{project_id} or operatorPath
	endpoint endpoint
}

// workerMessages is the path of a call that has codes of its own.
const workerMessages = "/worker_messages"

// routes are the calls on graphs and executions.
func (a *API) routes() []route {
	return []route{
		{http.MethodPost, "/cloud_graphs", a.createGraph},
		{http.MethodGet, "/cloud_graphs", a.listGraphs},
		{http.MethodGet, "/cloud_graphs/{graph_urn}", a.showGraph},
		{http.MethodPut, "/cloud_graphs/{graph_urn}", a.updateGraph},
		{http.MethodDelete, "/cloud_graphs/{graph_urn}", a.deleteGraph},

		{http.MethodPost, "/cloud_graphs/{graph_urn}/executions/action", a.act},
		{http.MethodGet, "/cloud_graphs/{graph_urn}/executions", a.listExecutions},
		{http.MethodGet, "/cloud_graphs/executions/{execution_urn}", a.showExecution},
		{http.MethodGet, "/cloud_graphs/executions/{execution_urn}/history", a.history},
		{http.MethodGet, "/cloud_graphs/graph_detail/{execution_urn}", a.graphDetail},
		{http.MethodPost, "/cloud_graphs/{graph_urn}/executions/{execution_urn}/event_test", a.testEvent},

		{http.MethodPost, "/cloud_triggers", a.createTrigger},
		{http.MethodGet, "/cloud_triggers", a.listTriggers},
		{http.MethodGet, "/cloud_triggers/{trigger_identifier}", a.showTrigger},
		{http.MethodPut, "/cloud_triggers/{trigger_urn}", a.updateTrigger},
		{http.MethodDelete, "/cloud_triggers/{trigger_urn}", a.deleteTrigger},
		{http.MethodPost, "/cloud_triggers/batch_action", a.batchTriggers},

		{http.MethodPost, "/trigger_graph_mappings", a.createMapping},
		{http.MethodGet, "/trigger_graph_mappings", a.listMappings},
		{http.MethodGet, "/trigger_graph_mappings/{mapping_id}", a.showMapping},
		{http.MethodPut, "/trigger_graph_mappings/{mapping_id}", a.enableMapping},
		{http.MethodDelete, "/trigger_graph_mappings/{mapping_id}", a.deleteMapping},

		{http.MethodPost, "/cloud_cron", ofTimers(a.createTimer)},
		{http.MethodGet, "/cloud_cron/{graph_urn}", ofTimers(a.listTimers)},
		{http.MethodPut, "/cloud_cron/{cron_trigger_urn}", ofTimers(a.updateTimer)},
		{http.MethodPut, "/cloud_cron/{cron_trigger_urn}/action", ofTimers(a.actOnTimer)},
		{http.MethodDelete, "/cloud_cron/{cron_trigger_urn}", ofTimers(a.deleteTimer)},

		{http.MethodGet, "/cloud_graphs_quota", a.quota(store.CountedGraphs)},
		{http.MethodGet, "/cloud_graphs_quota/default", a.defaultQuota(store.CountedGraphs)},
		{http.MethodGet, "/cloud_triggers_quota", a.quota(store.CountedTriggers)},
		{http.MethodGet, "/cloud_triggers_quota/default", a.defaultQuota(store.CountedTriggers)},

		{http.MethodPost, workerMessages, a.workerMessage},

		{http.MethodPost, "/events", a.receiveEvents},
		{http.MethodPost, "/topics/{topic}/messages", a.publishMessage},
	}
}

// operatorPath is what the paths begin with of calls that the published API does
// not have, for those who operate the service.
const operatorPath = "/heddle"

func (a *API) operatorRoutes() []route {
	return []route{
		{http.MethodPut, "/quotas/{project_id}/graphs", a.setQuota(store.CountedGraphs)},
		{http.MethodPut, "/quotas/{project_id}/triggers", a.setQuota(store.CountedTriggers)},
		{http.MethodDelete, "/quotas/{project_id}/graphs", a.resetQuota(store.CountedGraphs)},
		{http.MethodDelete, "/quotas/{project_id}/triggers", a.resetQuota(store.CountedTriggers)},
	}
}

// Handler returns the handler of all calls.
func (a *API) Handler() http.Handler {
	mux := chi.NewRouter()
	mux.Use(exchange.PlainTargets(a.exchange(notFound, plainErrors)))
	for _, r := range a.routes() {
		mux.Method(r.method, "/v1.0/{project_id}"+r.path, a.exchange(inProject(r.endpoint, projectCodeFor(r.path)), shapeFor(r.path)))
	}
	for _, r := range a.operatorRoutes() {
		mux.Method(r.method, operatorPath+r.path, a.exchange(inProject(r.endpoint, codeProject), plainErrors))
	}
	mux.Post(callback.Path+"{token}", a.exchange(a.callback, plainErrors))
	mux.Get("/healthz", a.exchange(healthy, plainErrors))
	mux.Get("/readyz", a.exchange(a.ready, plainErrors))
	mux.NotFound(a.exchange(notFound, plainErrors))
	mux.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		a.exchange(methodNotAllowed(mux), shapeFor(r.URL.Path))(w, r)
	})
	return a.shed(mux)
}

// projectCodeFor returns the code for a malformed project on a path: worker
// messages have their own.
func projectCodeFor(path string) string {
	if path == workerMessages {
		return codeMessageProject
	}
	return codeProject
}

// shapeFor returns the shape of the errors on a path: that of the quota calls is
// their own.
func shapeFor(path string) errorShape {
	if strings.Contains(path, "s_quota") && !strings.HasPrefix(path, operatorPath) {
		return nestedErrors
	}
	return plainErrors
}

// inProject checks the project before the endpoint looks at anything else, and
// refuses a malformed one with the code.
func inProject(next endpoint, code string) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		r.project = r.Param("project_id")
		if n := len(r.project); n < 1 || n > projectMax || !consistsOf(r.project, lettersDigits) {
			return nil, refuse(code, "project_id in the path must be 1 to %d letters and digits", projectMax)
		}
		return next(ctx, r)
	}
}

func notFound(_ context.Context, r *request) (any, error) {
	return nil, refuse(codeUnknownURL, "%q is not a path of this API", r.ShownPath())
}

func methodNotAllowed(routes chi.Routes) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		allowed := exchange.Allowed(routes, r.Request)
		if allowed == nil {
			return notFound(ctx, r)
		}
		allow := strings.Join(allowed, ", ")
		return nil, &refusal{
			status:  http.StatusMethodNotAllowed,
			code:    codeUnknownURL,
			message: "the path takes " + allow + ", not " + r.Method,
			header:  http.Header{"Allow": {allow}},
		}
	}
}
