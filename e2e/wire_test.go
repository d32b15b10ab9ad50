package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBadInput sends what no client should send, byte by byte as it stands.
// Each time the server refuses with a 4xx or closes the connection, and serves
// the next one as if nothing had been.
func TestBadInput(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	s.start()
	graph, err := s.createGraph("pass", graphs()[0].definition)
	if err != nil {
		t.Fatal(err)
	}
	const host = "Host: localhost\r\n"
	action := base + "/cloud_graphs/" + graph + "/executions/action"
	good := `{"action_type":"start","executions":{"execution_name":"e","input":"{}"}}`
	post := func(headers, body string) string {
		return "POST " + action + " HTTP/1.1\r\n" + host + headers + "\r\n" + body
	}
	length := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n", len(body)) }
	get := func(target string) string { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n" }
	withBody := func(body string) string { return post(length(body), body) }
	large := strings.Repeat("x", 10<<20)

	var all sync.WaitGroup // all at once: some wait for the server to lose its patience
	for name, request := range map[string]string{
		"noise":                          "\x00\x01\x02\xff\xfe\r\n\r\n",
		"the start of TLS":               "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"the start of HTTP/2":            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"a version that is not":          "GET / HTTP/9.9\r\n" + host + "\r\n",
		"no host":                        "GET /healthz HTTP/1.1\r\n\r\n",
		"two hosts":                      "GET /healthz HTTP/1.1\r\n" + host + "Host: other\r\n\r\n",
		"a bad host":                     "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n",
		"a NUL in the target":            get("/v1.0/\x00"),
		"a NUL in a header":              "GET /healthz HTTP/1.1\r\n" + host + "X-A: \x00\r\n\r\n",
		"a blank before the colon":       "GET /healthz HTTP/1.1\r\n" + host + "X-A : b\r\n\r\n",
		"a header without a name":        "GET /healthz HTTP/1.1\r\n" + host + ": b\r\n\r\n",
		"a header of a megabyte":         "GET /healthz HTTP/1.1\r\n" + host + "X-A: " + large[:1<<20] + "\r\n\r\n",
		"ten thousand headers":           "GET /healthz HTTP/1.1\r\n" + host + strings.Repeat("X-A: b\r\n", 10000) + "\r\n",
		"a header that never ends":       "GET /healthz HTTP/1.1\r\n" + host + "X-A: ",
		"a target of 10 MiB":             get("/" + large),
		"an absolute target":             get("http://elsewhere.example" + action),
		"an escaped NUL":                 get(base + "/%00"),
		"an escaped slash":               get(base + "/cloud_graphs%2f" + graph),
		"an escape that is not":          get(base + "/%zz"),
		"UTF-8 that is not":              get(base + "/cloud_graphs/%ff"),
		"dot segments":                   get(base + "/cloud_graphs/../cloud_graphs"),
		"doubled slashes":                get(base + "//cloud_graphs"),
		"a slash at the end":             get(base + "/cloud_graphs/"),
		"a path of two URNs":             get(base + "/cloud_graphs/" + graph + "/" + graph),
		"the method BREW":                "BREW " + action + " HTTP/1.1\r\n" + host + "\r\n",
		"a method in lower case":         "post " + action + " HTTP/1.1\r\n" + host + "\r\n",
		"CONNECT":                        "CONNECT localhost:80 HTTP/1.1\r\n" + host + "\r\n",
		"TRACE":                          "TRACE " + action + " HTTP/1.1\r\n" + host + "\r\n",
		"OPTIONS of everything":          "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
		"no body":                        post("Content-Length: 0\r\n", ""),
		"no length":                      post("", ""),
		"two lengths":                    post("Content-Length: 3\r\nContent-Length: 5\r\n", "{}{}{"),
		"a length and chunks":            post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
		"chunks":                         post("Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(good), good)),
		"an encoding that is not":        post("Transfer-Encoding: zip\r\n", good),
		"a length below zero":            post("Content-Length: -1\r\n", good),
		"a length with a sign":           post("Content-Length: +2\r\n", good),
		"a length beyond numbers":        post("Content-Length: 99999999999999999999\r\n", good),
		"a body of 10 MiB":               withBody(large),
		"a body of 10 MiB that may come": post("Expect: 100-continue\r\n"+length(large), ""),
		"an expectation that is not":     post("Expect: wonders\r\n"+length(good), good),
		"a body that is not JSON":        withBody("execution_name=e"),
		"a body that is cut off":         withBody(good[:len(good)-1]),
		"a body with a NUL":              withBody(strings.Replace(good, `"e"`, "\"\x00\"", 1)),
		"a name with an escaped NUL":     withBody(strings.Replace(good, `"e"`, `"\u0000"`, 1)),
		"a lone surrogate":               withBody(strings.Replace(good, `"e"`, `"\ud800"`, 1)),
		"a name twice":                   withBody(strings.Replace(good, `"input"`, `"execution_name"`, 1)),
		"a body nested 100,000 deep":     withBody(strings.Repeat("[", 100000)),
		"an input nested 1,000 deep":     withBody(strings.Replace(good, `{}"`, strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`"`, 1)),
		"a byte order mark":              withBody("\ufeff" + good),
		"UTF-16":                         withBody("\xff\xfe{\x00}\x00"),
		"a key that is too long":         post("Idempotency-Key: "+large[:300]+"\r\n"+length(good), good),
	} {
		all.Go(func() {
			switch status, err := s.send(request); {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case status == closed, 400 <= status && status <= 499:
			case status == http.StatusNotImplemented, status == http.StatusHTTPVersionNotSupported:
				// What HTTP itself says to an encoding or a version that is not known.
			default:
				t.Errorf("%s: the answer has the status %d, want a 4xx or a closed connection", name, status)
			}
			if a, err := s.call(http.MethodGet, "/healthz", nil, nil); err != nil || a.status != http.StatusOK {
				t.Errorf("%s: then the server answers %v, %v", name, a, err)
			}
		})
	}
	all.Wait()
	if started, err := s.list(graph); err != nil || len(started) != 0 {
		t.Errorf("bad requests have started %v, %v", started, err)
	}
	s.mustStartOf(t, graph, "{}")
}

// closed stands for the status of an answer that never came.
const closed = 0

// send writes a request as it is and returns the status of the answer.
func (s *server) send(request string) (status int, err error) {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		return closed, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return closed, err
	}
	go io.WriteString(conn, request) // the server need not read it all
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	var wait net.Error
	switch {
	case errors.As(err, &wait) && wait.Timeout():
		return closed, fmt.Errorf("no answer came and the connection stayed open: %w", err)
	case err != nil:
		return closed, nil
	}
	return resp.StatusCode, resp.Body.Close()
}
