package config_test

import (
	"fmt"
	"strings"
	"testing"

	"heddle/internal/config"
)

func TestListen(t *testing.T) {
	t.Parallel()
	const remote = "not loopback"
	for address, want := range map[string]string{
		"127.0.0.1:8480":        "",
		"127.0.0.1:0":           "",
		"127.8.9.10:65535":      "",
		"[::1]:8480":            "",
		"[::ffff:127.0.0.1]:80": "",
		"localhost:8480":        "",
		":8480":                 remote,
		"0.0.0.0:8480":          remote,
		"[::]:8480":             remote,
		"[::ffff:0.0.0.0]:80":   remote,
		"192.168.1.2:8480":      remote,
		"[fe80::1%eth0]:8480":   remote,
		"example.com:8480":      remote,
		"localhost.evil.com:80": remote,
		"127.1:8480":            remote, // as some resolvers have it, but no address by the rules
		"8480":                  "must be host:port",
		"127.0.0.1":             "must be host:port",
		"::1:8480":              "must be host:port",
		"127.0.0.1:":            "must have a port",
		"127.0.0.1:http":        "must have a port",
		"127.0.0.1:65536":       "must have a port",
		"127.0.0.1:-1":          "must have a port",
	} {
		cfg, err := load(t, "", nil, "--listen", address)
		if want == remote {
			check(t, "--listen "+address, err, "give tls-cert and tls-key, or insecure-http")
			cfg, err = load(t, "", nil, "--listen", address, "--insecure-http")
		}
		if err == nil && cfg.Loopback() != (want == "") {
			t.Errorf("--listen %s: got loopback %t", address, cfg.Loopback())
		}
		if want == remote {
			want = ""
		}
		check(t, "--listen "+address, err, want)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"public-url=":                       "",
		"public-url=https://h.example/api/": "",
		"public-url=http://[::1]:8480":      "",
		"public-url=h.example":              `public-url: "h.example" must be an http or https URL`,
		"public-url=ftp://h.example":        "must be an http",
		"public-url=https://u:p@h.example":  "must be an http",
		"public-url=https://h.example/?a=b": "must be an http",
		"function-networks=all":             "",
		"function-networks=none":            "",
		"trusted-proxies=all":               "",
		"trusted-proxies=10.0.0.0/8, ::/0":  "",
		"trusted-proxies=proxy":             `trusted-proxies: "proxy" must be all, none, or networks`,
		"hosts=heddle, 10.0.0.7":            "",
		"hosts=heddle:8480,[::1]":           "hosts:",
		"hosts=http://heddle":               `hosts: "http://heddle" must be names of hosts`,
		"function-networks=10.0.0.0/8,::/0": "",
		"function-networks=10.0.0.1":        `function-networks: "10.0.0.1" must be all, none, or networks`,
		"function-networks=10.0.0.0/8,all":  "must be all, none, or networks",
		"region=a":                          "",
		"region=" + strings.Repeat("a", 64): "",
		"region=" + strings.Repeat("a", 65): "1 to 64",
		"region=":                           "1 to 64",
		"region=a:b":                        `region: "a:b" must be 1 to 64 letters, digits, '-' and '_'`,
		"region=é":                          "1 to 64",
		"store=mysql://localhost/heddle":    "store: it must begin with postgres://",
		"data-dir=":                         "data-dir: it must name a directory",
		"audit=none":                        `audit: "none" must be changes or all`,
		"log-format=logfmt":                 `log-format: "logfmt" must be text or json`,
		"shutdown-timeout=1ms":              "",
		"shutdown-timeout=10m":              "",
		"shutdown-timeout=0s":               "shutdown-timeout: 0s must be from 1ms to 10m0s",
		"shutdown-timeout=-1s":              "must be from",
		"shutdown-timeout=10m1s":            "must be from",
		"lease-duration=1s":                 "",
		"lease-duration=999ms":              "lease-duration: 999ms must be from 1s to 10m0s",
		"lease-duration=10m":                "",
		"lease-duration=601s":               "must be from",
		"time-zone=Europe/Berlin":           "",
		"time-zone=Berlin":                  `time-zone: there is no time zone "Berlin"`,
		"time-zone=Local":                   `"Local" is not the name of a time zone`,
		"quota-graphs=0":                    "quota-graphs: 0 must be from 1 to 10000",
		"quota-triggers=10001":              "quota-triggers: 10001 must be from 1 to 10000",
		"nats-subject=a..b":                 "", // nobody uses it without a URL
		"retention=0":                       "",
		"retention=1m":                      "",
		"retention=87600h":                  "",
		"retention=59s":                     "retention: 59s must be 1m0s at least, or 0 to keep everything",
		"retention=-1h":                     "must be 1m0s at least",
		"limit-state-visits=1":              "",
		"limit-state-visits=0":              "limit-state-visits: 0 must be from 1 to 1000000",
		"limit-state-visits=-1":             "must be from",
		"limit-state-visits=1000000":        "",
		"limit-state-visits=1000001":        "must be from",
		"limit-extend-elements=0":           "must be from 1 to 100000",
		"limit-extend-elements=100000":      "",
		"limit-extend-elements=100001":      "must be from",
		"limit-extend-parallel=0":           "must be from 1 to 1000",
		"limit-extend-parallel=1000":        "",
		"limit-extend-parallel=1001":        "must be from",
		"limit-result-bytes=0":              "must be from 1 to 16777216",
		"limit-result-bytes=16777216":       "",
		"limit-result-bytes=16777217":       "must be from",
		"limit-open-executions=0":           "must be from 1 to 100000000",
		"limit-open-executions=100000000":   "",
		"limit-open-executions=100000001":   "must be from",
		"limit-pending-starts=0":            "must be from 1 to 100000",
		"limit-pending-starts=100000":       "",
		"limit-pending-starts=100001":       "must be from",
		"limit-calls-in-flight=0":           "must be from 1 to 65536",
		"limit-calls-in-flight=65536":       "",
		"limit-calls-in-flight=65537":       "must be from",
		"limit-project-share=0":             "must be from 1 to 100",
		"limit-project-share=100":           "",
		"limit-project-share=101":           "must be from",
		"limit-pending-events=0":            "must be from 1 to 10000000",
		"limit-pending-events=10000000":     "",
		"limit-pending-events=10000001":     "must be from",
		"limit-function-calls=0":            "must be from 1 to 65536",
		"limit-function-calls=65536":        "",
		"limit-start-wait=0s":               "limit-start-wait: 0s must be from 1ms to 10s",
		"limit-start-wait=10s":              "",
		"limit-start-wait=11s":              "must be from",
		"limit-instances=0":                 "must be from 1 to 10000",
		"limit-instances=10001":             "must be from",
		"limit-function-instances=0":        "must be from 1 to 1000",
		"limit-function-instances=1001":     "must be from",
		"local-idle=999ms":                  "local-idle: 999ms must be from 1s to 24h0m0s",
		"local-functions=yes":               `local-functions: "yes" must be on, off or auto`,
		"local-network=bridge":              `local-network: "bridge" must be auto, outward, none or host`,
		"local-users=5000":                  "must be two numbers of users",
		"local-users=5000-5000":             "",
		"local-users=5001-5000":             "must be a range of at most 100000 users, from 1000 to 2147483646",
		"local-users=0-5000":                "must be a range",
		"local-users=1000-101000":           "must be a range",
		"local-users=5000-2147483647":       "must be a range",
		"limit-request-bytes=1023":          "must be from 1024 to 67108864",
		"limit-request-bytes=1024":          "",
		"limit-request-bytes=67108864":      "",
		"limit-request-bytes=67108865":      "must be from",
	} {
		_, err := load(t, "", nil, "--"+setting)
		check(t, "--"+setting, err, want)
	}
}

// TestRunsFunctions has who may run functions, where nobody has said so and where
// somebody has.
func TestRunsFunctions(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]bool{
		"--listen=127.0.0.1:0":                        true,
		"--listen=localhost:0":                        true,
		"--listen=0.0.0.0:0":                          false,
		"--listen=0.0.0.0:0 --local-functions=on":     true,
		"--listen=127.0.0.1:0 --local-functions=off":  false,
		"--listen=127.0.0.1:0 --local-functions=auto": true,
		"--listen=[::]:8480 --local-functions=auto":   false,
	} {
		cfg, err := load(t, "", nil, append(strings.Fields(arguments), "--insecure-http")...)
		if err != nil {
			t.Error(err)
		}
		if got := cfg.RunsFunctions(); got != want {
			t.Errorf("%s: %v, want %v", arguments, got, want)
		}
	}
}

// TestAllProblemsAtOnce has one problem in each source, and two of validity.
func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, "colour: red\nlimit-pending-starts: many\n",
		[]string{"HEDDLE_LOG_LEVEL=loud", "HEDDLE_LEASE_DURATION=0s"}, "--region", "a b")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`unknown key "colour"`,
		`limit-pending-starts: "many"`,
		`HEDDLE_LOG_LEVEL: "loud"`,
		`lease-duration: 0s`,
		`region: "a b"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error\n%v\ndoes not have %s", err, want)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 5 {
		t.Errorf("%d problems, want 5:\n%v", n, err)
	}
}

// check wants an error with the text, or none if the text is empty.
func check(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && err == nil:
		t.Errorf("%s: no error, want one with %q", what, want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("%s: error %q, want one with %q", what, err, want)
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ networks, listen, want string }{
		{"", "127.0.0.1:8480", "[0.0.0.0/0 ::/0]"},
		{"", "localhost:8480", "[0.0.0.0/0 ::/0]"},
		{"", "[::1]:0", "[0.0.0.0/0 ::/0]"},
		{"", "0.0.0.0:8480", "[]"},
		{"", "192.168.1.2:8480", "[]"},
		{"none", "127.0.0.1:8480", "[]"},
		{"all", "0.0.0.0:8480", "[0.0.0.0/0 ::/0]"},
		{"10.1.2.3/8, fd00::/8", "0.0.0.0:8480", "[10.0.0.0/8 fd00::/8]"},
	} {
		got, err := config.Config{FunctionNetworks: c.networks, Listen: c.listen}.Networks()
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%q, listening on %s: got %v, %v, want %s", c.networks, c.listen, got, err, c.want)
		}
	}
}

func TestShareOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ limit, percent, want int }{
		{1024, 75, 768}, {384, 100, 384}, {3, 75, 2}, {1, 75, 1}, {10, 1, 1},
	} {
		if got := (config.Limits{ProjectShare: c.percent}).ShareOf(c.limit); got != c.want {
			t.Errorf("%d %% of %d: got %d, want %d", c.percent, c.limit, got, c.want)
		}
	}
}
