package api

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"heddle/internal/engine"
	"heddle/internal/exchange"
)

// shedMax is the longest body that is looked at before its request is refused.
const shedMax = 64 << 10

// shed refuses starts while there are too many, before anything else is done for
// them: what a refusal costs is taken from those who are let in. So a crowded
// start is refused even if it is faulty. Stops, which share the URL, pass.
func (a *API) shed(next http.Handler) http.Handler {
	refusals := map[error]exchange.Prepared{}
	for _, err := range []error{engine.ErrOverloaded, engine.ErrShareUsed} {
		refusals[err] = exchange.Prepare(refusalFor(err, &request{}).as(plainErrors))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		project, acts := actsOn(r)
		if acts && r.ContentLength > 0 && r.ContentLength <= shedMax {
			refusal, crowded := refusals[a.engine.Crowded(project)]
			if crowded && !mayStop(r) {
				refusal.Refuse(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// actsOn reports whether a request starts or stops executions, and of which
// project.
func actsOn(r *http.Request) (project string, acts bool) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/executions/action") {
		return "", false
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1.0/")
	if !ok {
		return "", false
	}
	project, _, _ = strings.Cut(rest, "/")
	return project, true
}

// mayStop reports whether a request may be a stop: the word is in its body, which
// is put back then. The last byte is left where it is, since net/http begins to
// watch a connection for its end once a body is read, which costs more than all
// else here.
func mayStop(r *http.Request) bool {
	read := make([]byte, r.ContentLength-1)
	n, err := io.ReadFull(r.Body, read)
	if err == nil && !bytes.Contains(read, []byte(`"stop"`)) {
		return false
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read[:n]), r.Body), r.Body}
	return true
}
