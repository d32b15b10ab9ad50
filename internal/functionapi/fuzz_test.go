package functionapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heddle/internal/functionapi"
)

// FuzzBodies sends any bodies to the calls that read the most: none of them may
// be more than the service can answer.
func FuzzBodies(f *testing.F) {
	calls := [][2]string{
		{"POST", base}, {"PUT", one + "/config"}, {"PUT", one + "/code"}, {"PUT", one + "/config-max-instance"}, {"POST", one + "/versions"},
		{"POST", one + "/aliases"}, {"PUT", one + "/async-invoke-config"}, {"POST", one + "/invocations"}, {"POST", one + "/invocations-async"},
	}
	for _, body := range []string{
		created(), changed("strategy_config={\"concurrency\":1,\"concurrent_num\":2}"), created("runtime=\"http\"", "code_url=\"http://a/\"", "code_type="),
		`{"name":"prod","version":"latest","additional_version_weights":{"v1":10}}`, `{"max_async_retry_attempts":2}`,
		`{"version":"v1","digest":""}`, `{"max_instance_num":1}`, `[]`, `{"user_data":"{\"A\":\"b\"}"}`, "", "\x00", `{"a":1,"a":2}`,
	} {
		for call := range calls {
			f.Add(uint8(call), body)
		}
	}
	s := newService(f) // one for all: a new one for each would take most of the time
	s.create()
	f.Fuzz(func(t *testing.T, call uint8, body string) {
		method, target := calls[int(call)%len(calls)][0], calls[int(call)%len(calls)][1]
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
		var refusal struct {
			Code string `json:"error_code"`
		}
		_ = json.Unmarshal(w.Body.Bytes(), &refusal) // other answers have no code
		if known := functionapi.Codes()[refusal.Code]; w.Code >= 500 && w.Code != http.StatusNotImplemented || refusal.Code != "" && w.Code >= 400 && known.Status != w.Code {
			t.Errorf("%s %s: got %d %s", method, target, w.Code, w.Body)
		}
	})
}
