package endpoints_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heddle/examples/endpoints"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		path    string
		input   string
		attempt string
		status  int
		want    string
	}{
		{"greet", "/greet", `{"name":"Ada"}`, "", 200, `{"greeting":"Hello, Ada!"}`},
		{"greet nobody", "/greet", `{}`, "", 200, `{"greeting":"Hello, world!"}`},
		{"greet a list", "/greet", `[1]`, "", 400, ``},
		{"no input", "/greet", ``, "", 400, ``},
		{"price", "/price", `{"item":"loom","count":3,"card":"busy"}`, "", 200, `{"total":120,"item":"loom","count":3,"card":"busy"}`},
		{"price of an unknown item", "/price", `{"item":"cat","count":3}`, "", 400, ``},
		{"price of nothing", "/price", `{"item":"loom"}`, "", 400, `count must be 1 to 1000`},
		{"charge", "/charge", `{"item":"yarn","count":2,"total":12}`, "1", 200, `{"receipt":"12 coins for 2 yarn","total":12,"item":"yarn","count":2}`},
		{"charge a busy card", "/charge", `{"item":"yarn","count":2,"card":"busy","total":12}`, "1", 503, `the bank is busy`},
		{"charge it again", "/charge", `{"item":"yarn","count":2,"card":"busy","total":12}`, "2", 200, `{"receipt":"12 coins for 2 yarn","total":12,"item":"yarn","count":2,"card":"busy"}`},
		{"charge a stolen card", "/charge", `{"item":"yarn","count":2,"card":"stolen","total":12}`, "4", 500, `the bank refuses the card`},
		{"resize", "/resize", `"cat.jpg"`, "", 200, `{"image":"cat.jpg","thumbnail":"cat-small.jpg"}`},
		{"unknown", "/dance", `{}`, "", 404, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(test.input))
			r.Header.Set("X-Heddle-Attempt", test.attempt)
			w := httptest.NewRecorder()
			endpoints.Handler().ServeHTTP(w, r)
			if w.Code != test.status {
				t.Errorf("got status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if got := strings.TrimSpace(w.Body.String()); test.want != "" && got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
