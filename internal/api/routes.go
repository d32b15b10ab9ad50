package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"heddle/internal/callback"
	"heddle/internal/exchange"
	"heddle/internal/identity"
	"heddle/internal/store"
)

// route is one row of the table of calls.
type route struct {
	method   string
	path     string // below /v1.0/{project_id} or operatorPath
	need     identity.Need
	action   string // as the audit log names it; "" for a call that changes nothing, or names what it does itself
	endpoint endpoint
}

// workerMessages is the path of a call that has codes of its own.
const workerMessages = "/worker_messages"

// routes are the calls on graphs and executions.
func (a *API) routes() []route {
	return []route{
		{http.MethodPost, "/cloud_graphs", identity.Manage, "graph.create", a.createGraph},
		{http.MethodGet, "/cloud_graphs", identity.Read, "", a.listGraphs},
		{http.MethodGet, "/cloud_graphs/{graph_urn}", identity.Read, "", a.showGraph},
		{http.MethodPut, "/cloud_graphs/{graph_urn}", identity.Manage, "graph.update", a.updateGraph},
		{http.MethodDelete, "/cloud_graphs/{graph_urn}", identity.Manage, "graph.delete", a.deleteGraph},

		{http.MethodPost, "/cloud_graphs/{graph_urn}/executions/action", identity.Trigger, "", a.act},
		{http.MethodGet, "/cloud_graphs/{graph_urn}/executions", identity.Read, "", a.listExecutions},
		{http.MethodGet, "/cloud_graphs/executions/{execution_urn}", identity.Read, "", a.showExecution},
		{http.MethodGet, "/cloud_graphs/executions/{execution_urn}/history", identity.Read, "", a.history},
		{http.MethodGet, "/cloud_graphs/graph_detail/{execution_urn}", identity.Read, "", a.graphDetail},
		{http.MethodPost, "/cloud_graphs/{graph_urn}/executions/{execution_urn}/event_test", identity.Trigger, "event.test", a.testEvent},

		{http.MethodPost, "/cloud_triggers", identity.Manage, "trigger.create", a.createTrigger},
		{http.MethodGet, "/cloud_triggers", identity.Read, "", a.listTriggers},
		{http.MethodGet, "/cloud_triggers/{trigger_identifier}", identity.Read, "", a.showTrigger},
		{http.MethodPut, "/cloud_triggers/{trigger_urn}", identity.Manage, "trigger.update", a.updateTrigger},
		{http.MethodDelete, "/cloud_triggers/{trigger_urn}", identity.Manage, "trigger.delete", a.deleteTrigger},
		{http.MethodPost, "/cloud_triggers/batch_action", identity.Manage, "trigger.delete_many", a.batchTriggers},

		{http.MethodPost, "/trigger_graph_mappings", identity.Manage, "mapping.create", a.createMapping},
		{http.MethodGet, "/trigger_graph_mappings", identity.Read, "", a.listMappings},
		{http.MethodGet, "/trigger_graph_mappings/{mapping_id}", identity.Read, "", a.showMapping},
		{http.MethodPut, "/trigger_graph_mappings/{mapping_id}", identity.Manage, "mapping.enable", a.enableMapping},
		{http.MethodDelete, "/trigger_graph_mappings/{mapping_id}", identity.Manage, "mapping.delete", a.deleteMapping},

		{http.MethodPost, "/cloud_cron", identity.Manage, "timer.create", ofTimers(a.createTimer)},
		{http.MethodGet, "/cloud_cron/{graph_urn}", identity.Read, "", ofTimers(a.listTimers)},
		{http.MethodPut, "/cloud_cron/{cron_trigger_urn}", identity.Manage, "timer.update", ofTimers(a.updateTimer)},
		{http.MethodPut, "/cloud_cron/{cron_trigger_urn}/action", identity.Manage, "timer.act", ofTimers(a.actOnTimer)},
		{http.MethodDelete, "/cloud_cron/{cron_trigger_urn}", identity.Manage, "timer.delete", ofTimers(a.deleteTimer)},

		{http.MethodGet, "/cloud_graphs_quota", identity.Read, "", a.quota(store.CountedGraphs)},
		{http.MethodGet, "/cloud_graphs_quota/default", identity.Read, "", a.defaultQuota(store.CountedGraphs)},
		{http.MethodGet, "/cloud_triggers_quota", identity.Read, "", a.quota(store.CountedTriggers)},
		{http.MethodGet, "/cloud_triggers_quota/default", identity.Read, "", a.defaultQuota(store.CountedTriggers)},

		{http.MethodPost, workerMessages, identity.Trigger, "work.message", a.workerMessage},

		{http.MethodPost, "/events", identity.Nothing, "", a.receiveEvents},
		{http.MethodPost, "/topics/{topic}/messages", identity.Nothing, "", a.publishMessage},
	}
}

// tokensPath is the call of the published identity service by which a token is got.
const tokensPath = "/v3/auth/tokens"

// operatorPath is what the paths begin with of calls that the published API does
// not have, for those who operate the service.
const operatorPath = "/heddle"

func (a *API) operatorRoutes() []route {
	return []route{
		{http.MethodGet, "/audit/{project_id}", identity.Manage, "", a.auditLog},

		{http.MethodPut, "/quotas/{project_id}/graphs", identity.Administer, "quota.set", a.setQuota(store.CountedGraphs)},
		{http.MethodPut, "/quotas/{project_id}/triggers", identity.Administer, "quota.set", a.setQuota(store.CountedTriggers)},
		{http.MethodDelete, "/quotas/{project_id}/graphs", identity.Administer, "quota.reset", a.resetQuota(store.CountedGraphs)},
		{http.MethodDelete, "/quotas/{project_id}/triggers", identity.Administer, "quota.reset", a.resetQuota(store.CountedTriggers)},
	}
}

// identityRoutes are the calls on who there is, which belong to no project.
func (a *API) identityRoutes() []route {
	return []route{
		{http.MethodGet, "/audit", identity.Administer, "", a.auditLog},
		{http.MethodGet, "/audit_verification", identity.Administer, "", a.verifyAudit},

		{http.MethodGet, "/projects", identity.Administer, "", a.listProjects},
		{http.MethodPost, "/projects", identity.Administer, "project.create", a.createProject},

		{http.MethodGet, "/users", identity.Administer, "", a.listUsers},
		{http.MethodPost, "/users", identity.Administer, "user.create", a.createUser},
		{http.MethodGet, "/users/{user}", identity.Administer, "", a.showUser},
		{http.MethodPut, "/users/{user}", identity.Administer, "user.update", a.updateUser},
		{http.MethodDelete, "/users/{user}", identity.Administer, "user.delete", a.deleteUser},
		{http.MethodPut, "/users/{user}/grants/{project}", identity.Administer, "grant.set", a.setGrant},
		{http.MethodDelete, "/users/{user}/grants/{project}", identity.Administer, "grant.delete", a.deleteGrant},

		{http.MethodGet, "/keys", identity.Administer, "", a.listKeys},
		{http.MethodPost, "/keys", identity.Administer, "key.create", a.createKey},
		{http.MethodDelete, "/keys/{access}", identity.Administer, "key.delete", a.deleteKey},

		{http.MethodGet, "/secrets", identity.Administer, "", a.showSecrets},
		{http.MethodPost, "/secrets/rotate", identity.Administer, "secret.rotate", a.rotateSecrets},
	}
}

// Handler returns the handler of all calls.
func (a *API) Handler() http.Handler {
	mux := chi.NewRouter()
	mux.Use(exchange.PlainTargets(a.exchange(notFound, plainErrors)))
	for _, r := range a.routes() {
		mux.Method(r.method, "/v1.0/{project_id}"+r.path, a.exchange(a.inProject(r, projectCodeFor(r.path)), shapeFor(r.path)))
	}
	for _, r := range a.operatorRoutes() {
		mux.Method(r.method, operatorPath+r.path, a.exchange(a.inProject(r, codeProject), plainErrors))
	}
	for _, r := range a.identityRoutes() {
		mux.Method(r.method, operatorPath+r.path, a.exchange(a.admitted(r), plainErrors))
	}
	mux.Post(tokensPath, a.exchange(a.login, plainErrors))
	mux.Delete(tokensPath, a.exchange(a.logout, plainErrors))
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

// inProject checks the project and who calls before the endpoint looks at anything
// else. A malformed project is refused with the code.
func (a *API) inProject(called route, code string) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		r.project = r.Param("project_id")
		if n := len(r.project); n < 1 || n > projectMax || !consistsOf(r.project, lettersDigits) {
			return nil, refuse(code, "project_id in the path must be 1 to %d letters and digits", projectMax)
		}
		return a.admitted(called)(ctx, r)
	}
}

// admitted checks who calls before the endpoint looks at anything, and enters in
// the audit log what it does.
func (a *API) admitted(called route) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		if called.need != identity.Nothing {
			if err := a.admit(ctx, r, called); err != nil {
				return nil, err
			}
		}
		switch {
		case called.action == "":
			return called.endpoint(ctx, r)
		case called.need == identity.Trigger:
			return a.executed(ctx, r, called.action, called.endpoint)
		}
		return a.audited(ctx, r, called.action, called.endpoint)
	}
}

// admit lets a request pass if its sender may do what it needs.
func (a *API) admit(ctx context.Context, r *request, called route) error {
	caller, err := a.guard.Admit(ctx, r.Exchange, r.bodyMax, r.project, called.need)
	r.caller = caller
	if identity.Refuses(err) {
		a.refused(ctx, r, called.action, err)
	}
	return bodyFault(err)
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
