package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heddle/internal/engine"
	"heddle/internal/urn"
)

// What the API itself spends on a start: all but the engine and the connection.
func BenchmarkStart(b *testing.B) {
	h := faked(fakeEngine{start: func(_ context.Context, req engine.StartRequest) (engine.Started, error) {
		u := urn.Execution{Region: region, Project: req.Project, Graph: req.Graph, Name: req.Name, ID: "019dba5c6f0d7c3a8a5e4c1f0b2d9e77"}
		return engine.Started{URN: u, At: 1_502_363_174_287}, nil
	}}, fakeStore{})
	benchmarkStart(b, h)
}

// What a start costs with the engine and a store in memory.
func BenchmarkStartOfAPass(b *testing.B) {
	s := newService(b, nil)
	s.createGraph("g", `{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"NOOP","next-state":"c"},"c":{"type":"NOOP","next-state":"end"},`+end+`}}`)
	benchmarkStart(b, s.handler)
}

func benchmarkStart(b *testing.B, h http.Handler) {
	const body = `{"action_type":"start","executions":{"execution_name":"analysis-execution1","input":"{\"k1\":\"123\"}"}}`
	r := httptest.NewRequest("POST", startPath, nil)
	r.ContentLength = int64(len(body))
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		w := discarding{header: http.Header{}}
		h.ServeHTTP(&w, r)
		if w.status != http.StatusOK {
			b.Fatalf("got status %d", w.status)
		}
	}
}

// discarding is a ResponseWriter that keeps the status only.
type discarding struct {
	header http.Header
	status int
}

func (d *discarding) Header() http.Header         { return d.header }
func (d *discarding) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarding) WriteHeader(status int)      { d.status = status }
