package functionapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"heddle/internal/exchange"
	"heddle/internal/identity"
)

// endpoint is one call of the API. What it returns becomes the JSON body of a
// 200; nil becomes a 204.
type endpoint func(ctx context.Context, r *request) (any, error)

// route is one row of the table of calls.
type route struct {
	method   string
	path     string // below Prefix
	need     identity.Need
	action   string // as the audit log names it; "" for a call that changes nothing
	endpoint endpoint
	timeout  time.Duration // for the whole exchange; 0 is the usual one
}

// Prefix is how the paths of all calls begin.
const Prefix = "/v2/"

// The timeouts of calls that may take longer than the usual.
const (
	uploadTimeout = 5 * time.Minute // of a body that carries code
	invokeTimeout = invokeMax + 30*time.Second
)

// routes are the calls on functions, and those of the published API that there
// are not.
func (a *API) routes() []route {
	const one = "/fgs/functions/{function_urn}"
	available := []route{
		{http.MethodPost, "/fgs/functions", identity.Manage, "function.create", a.createFunction, uploadTimeout},
		{http.MethodGet, "/fgs/functions", identity.Read, "", a.listFunctions, 0},
		{http.MethodDelete, one, identity.Manage, "function.delete", a.deleteFunction, 0},
		{http.MethodGet, one + "/config", identity.Read, "", a.showConfig, 0},
		{http.MethodPut, one + "/config", identity.Manage, "function.update_config", a.updateConfig, 0},
		{http.MethodGet, one + "/code", identity.Read, "", a.showCode, 0},
		{http.MethodPut, one + "/code", identity.Manage, "function.update_code", a.updateCode, uploadTimeout},
		{http.MethodPut, one + "/config-max-instance", identity.Manage, "function.update_instances", a.updateInstances, 0},

		{http.MethodPost, one + "/versions", identity.Manage, "function.publish", a.publish, 0},
		{http.MethodGet, one + "/versions", identity.Read, "", a.listVersions, 0},
		{http.MethodPost, one + "/aliases", identity.Manage, "alias.create", a.createAlias, 0},
		{http.MethodGet, one + "/aliases", identity.Read, "", a.listAliases, 0},
		{http.MethodGet, one + "/aliases/{alias_name}", identity.Read, "", a.showAlias, 0},
		{http.MethodPut, one + "/aliases/{alias_name}", identity.Manage, "alias.update", a.updateAlias, 0},
		{http.MethodDelete, one + "/aliases/{alias_name}", identity.Manage, "alias.delete", a.deleteAlias, 0},

		{http.MethodPost, one + "/invocations", identity.Trigger, "function.invoke", a.invoke, invokeTimeout},
		{http.MethodPost, one + "/invocations-async", identity.Trigger, "function.invoke_async", a.invokeAsync, 0},
		{http.MethodGet, one + "/logs", identity.Read, "", a.showLog, 0},
		{http.MethodGet, one + "/async-invocations", identity.Read, "", a.listInvocations, 0},
		{http.MethodGet, one + "/active-async-invocations", identity.Read, "", a.listActiveInvocations, 0},
		{http.MethodGet, one + "/async-invoke-config", identity.Read, "", a.showAsync, 0},
		{http.MethodPut, one + "/async-invoke-config", identity.Manage, "function.update_async", a.updateAsync, 0},
		{http.MethodDelete, one + "/async-invoke-config", identity.Manage, "function.delete_async", a.deleteAsync, 0},
		{http.MethodGet, one + "/async-invoke-configs", identity.Read, "", a.listAsync, 0},
	}
	for _, missing := range missingCalls {
		method, path, _ := strings.Cut(missing, " ")
		available = append(available, route{method, path, identity.Read, "", notAvailable, 0})
	}
	return available
}

// missingCalls are the calls of the published API that this service does not
// have.
var missingCalls = []string{
	"POST /fgs/functions/{function_urn}/cancel",
	"POST /fgs/functions/{function_urn}/events",
	"GET /fgs/functions/{function_urn}/events",
	"GET /fgs/functions/{function_urn}/events/{event_id}",
	"PUT /fgs/functions/{function_urn}/events/{event_id}",
	"DELETE /fgs/functions/{function_urn}/events/{event_id}",
	"GET /fgs/functions/{function_urn}/export",
	"POST /fgs/functions/import",
	"GET /fgs/functions/{function_urn}/lts-log-detail",
	"GET /fgs/functions/{function_urn}/tracing",
	"PUT /fgs/functions/{function_urn}/tracing",
	"GET /fgs/functions/{function_urn}/servicebridge/relation",
	"PUT /fgs/functions/{function_urn}/reservedinstances",
	"GET /fgs/functions/{function_urn}/instancereports",
	"GET /fgs/functions/{function_urn}/snapshots/{action}",
	"POST /fgs/functions/{function_urn}/snapshots/{action}",
	"GET /fgs/functions/{function_urn}/statistics/{period}",
	"GET /fgs/functions/{function_urn}/slareports/{period}",
	"PUT /fgs/functions/{function_urn}/collect/{state}",
	"GET /fgs/functions/reservedinstances",
	"GET /fgs/functions/reservedinstanceconfigs",
	"GET /fgs/functions/statistics",
	"GET /fgs/functions/async-status-log-detail",
	"POST /fgs/functions/enable-async-status-logs",
	"POST /fgs/functions/enable-lts-logs",
	"GET /fgs/function/report",

	"POST /fgs/triggers/{function_urn}",
	"GET /fgs/triggers/{function_urn}",
	"DELETE /fgs/triggers/{function_urn}",
	"GET /fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}",
	"PUT /fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}",
	"DELETE /fgs/triggers/{function_urn}/{trigger_type_code}/{trigger_id}",

	"POST /fgs/applications",
	"GET /fgs/applications",
	"GET /fgs/applications/{id}",
	"DELETE /fgs/applications/{id}",
	"GET /fgs/application/templates",
	"GET /fgs/application/templates/{id}",
	"GET /fgs/templates",
	"GET /fgs/templates/{template_id}",
	"GET /fgs/servicebridge/version",
	"GET /fgs/quotas",
	"POST /fgs/vpc-endpoint",
	"DELETE /fgs/vpc-endpoint/{vpc_id}/{subnet_id}",

	"POST /fgs/dependencies/version",
	"GET /fgs/dependencies",
	"GET /fgs/dependencies/{depend_id}/version",
	"GET /fgs/dependencies/{depend_id}/version/{version}",
	"DELETE /fgs/dependencies/{depend_id}/version/{version}",

	"POST /fgs/workflows",
	"GET /fgs/workflows",
	"DELETE /fgs/workflows",
	"GET /fgs/workflows/{workflow_id}",
	"PUT /fgs/workflows/{workflow_id}",
	"POST /fgs/workflows/{workflow_id}/executions",
	"GET /fgs/workflows/{workflow_id}/executions",
	"POST /fgs/workflows/{workflow_id}/sync-executions",
	"GET /fgs/workflows/{workflow_id}/executions-history",
	"GET /fgs/workflows/{workflow_id}/executions/{execution_id}",
	"POST /fgs/workflows/{workflow_id}/executions/{execution_id}/retry",
	"POST /fgs/workflows/{workflow_id}/executions/{execution_id}/terminate",
	"POST /fgs/workflows/{workflow_id}/callback",
	"GET /fgs/workflow-statistic",
	"GET /fgs/workflow-statistic/{workflow_urn}",

	"GET /{resource_type}/tags",
	"GET /{resource_type}/{resource_id}/tags",
	"POST /{resource_type}/{resource_id}/tags/create",
	"DELETE /{resource_type}/{resource_id}/tags/delete",
	"POST /{resource_type}/resource-instances/{action}",
}

// Handler returns the handler of all calls below Prefix.
func (a *API) Handler() http.Handler {
	mux := chi.NewRouter()
	mux.Use(exchange.PlainTargets(a.exchange(notFound, 0)))
	for _, r := range a.routes() {
		mux.Method(r.method, Prefix+"{project_id}"+r.path, a.exchange(a.inProject(r), r.timeout))
	}
	mux.NotFound(a.exchange(notFound, 0))
	mux.MethodNotAllowed(a.exchange(methodNotAllowed(mux), 0))
	return mux
}

// exchange makes an endpoint a handler. One with a timeout of its own may take
// longer than the server gives a connection.
func (a *API) exchange(call endpoint, timeout time.Duration) http.HandlerFunc {
	usual := timeout == 0
	if usual {
		timeout = a.cfg.CallTimeout
	}
	handler := a.exchanges.Handler(timeout, func(x *exchange.Exchange) exchange.Call {
		r := &request{Exchange: x, bodyMax: a.cfg.BodyMax}
		return exchange.Call{
			Answer: func(ctx context.Context) (any, error) { return call(ctx, r) },
			Refuse: func(err error) exchange.Refusal { return refusalFor(err, r.Method).as(x.ID) },
		}
	})
	if usual {
		return handler
	}
	return func(w http.ResponseWriter, r *http.Request) {
		until := time.Now().Add(timeout + a.cfg.Exchange.AnswerTimeout)
		connection := http.NewResponseController(w)
		// They fail where there is no connection, as in tests.
		_ = connection.SetReadDeadline(until)
		_ = connection.SetWriteDeadline(until)
		handler(w, r)
	}
}

// inProject checks the project and who calls before the endpoint looks at anything
// else, and enters in the audit log what it does.
func (a *API) inProject(called route) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		r.project = r.Param("project_id")
		if n := len(r.project); n < 1 || n > projectMax || !consistsOf(r.project, lettersDigits+"_-") {
			return nil, refuse(codeParameter, "project_id in the path must be 1 to %d letters, digits, '_' and '-'", projectMax)
		}
		if called.timeout == uploadTimeout {
			done, err := a.admitUpload(ctx, r)
			if err != nil {
				return nil, err
			}
			defer done()
		}
		var err error
		if r.caller, err = a.guard.Admit(ctx, r.Exchange, r.bodyMax, r.project, called.need); err != nil {
			if identity.Refuses(err) {
				a.refused(ctx, r, called.action, err)
			}
			return nil, bodyFault(err)
		}
		if called.action == "" || called.need == identity.Trigger && !a.cfg.AuditAll {
			return called.endpoint(ctx, r)
		}
		return a.audited(ctx, r, called)
	}
}

func notAvailable(_ context.Context, r *request) (any, error) {
	return nil, refuse(codeNotAvailable, "this service has no %s %s", r.Method, r.URL.Path)
}

func notFound(_ context.Context, r *request) (any, error) {
	return nil, refuse(codeUnknownURL, "%q is not a path of this API", r.URL.EscapedPath())
}

func methodNotAllowed(routes chi.Routes) endpoint {
	return func(ctx context.Context, r *request) (any, error) {
		allowed := exchange.Allowed(routes, r.Request)
		if allowed == nil {
			return notFound(ctx, r)
		}
		allow := strings.Join(allowed, ", ")
		fault := refuse(codeUnknownURL, "the path takes %s, not %s", allow, r.Method)
		fault.status = http.StatusMethodNotAllowed
		fault.header = http.Header{"Allow": {allow}}
		return nil, fault
	}
}
