package functionapi_test

import (
	"net/http"
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
	f.Fuzz(func(t *testing.T, call uint8, body string) {
		s := newService(t)
		s.create()
		method, target := calls[int(call)%len(calls)][0], calls[int(call)%len(calls)][1]
		got := s.do(method, target, body)
		code, refused := got.fields["error_code"].(string)
		if known := functionapi.Codes()[code]; got.Code >= 500 && got.Code != http.StatusNotImplemented || refused && got.Code >= 400 && known.Status != got.Code {
			t.Errorf("%s %s: got %d %s", method, target, got.Code, got.Body)
		}
	})
}
