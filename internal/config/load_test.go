package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"heddle/internal/config"
)

// load writes a configuration file, unless its text is empty, and loads it with
// the flags and the environment.
func load(t *testing.T, text string, environ []string, arguments ...string) (config.Config, error) {
	t.Helper()
	if text != "" {
		path := filepath.Join(t.TempDir(), "heddle.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append([]string{"--config", path}, arguments...)
	}
	fs := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.Flags(fs)
	if err := fs.Parse(arguments); err != nil {
		t.Fatal(err)
	}
	return config.Load(fs, environ)
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := config.Config{
		File:            "heddle.yaml",
		Listen:          "127.0.0.1:8480",
		Region:          "local",
		DataDir:         "./heddle-data",
		Audit:           "changes",
		LogFormat:       "text",
		LogLevel:        slog.LevelInfo,
		ShutdownTimeout: 10 * time.Second,
		LeaseDuration:   30 * time.Second,
		TimeZone:        "UTC",
		TrustedProxies:  "none",
		NATS:            config.NATS{Stream: "heddle-events", Subject: "heddle.events"},
		Quotas:          config.Quotas{Graphs: 512, Triggers: 5000},
		Limits: config.Limits{
			StateVisits:    10000,
			ExtendElements: 1000,
			ExtendParallel: 40,
			ResultBytes:    262144,
			OpenExecutions: 100000,
			PendingStarts:  384,
			CallsInFlight:  1024,
			ProjectShare:   75,
			FunctionCalls:  256,
			PendingEvents:  100000,
			Connections:    4096,
			RequestBytes:   1048576,

			Instances:         32,
			FunctionInstances: 8,
			StartWait:         time.Second,
		},
		Local: config.Local{Functions: "auto", Network: "auto", Users: "1900000000-1900000999", Idle: 5 * time.Minute},
	}
	if got := config.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("Default:\n%+v, want\n%+v", got, want)
	}
	got, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Load of nothing:\n%+v, want\n%+v", got, want)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	const text = "region: file\n"
	for name, c := range map[string]struct {
		text      string
		environ   []string
		arguments []string
		want      string
	}{
		"default":                    {want: "local"},
		"file":                       {text: text, want: "file"},
		"environment":                {environ: []string{"HEDDLE_REGION=env"}, want: "env"},
		"flag":                       {arguments: []string{"--region", "flag"}, want: "flag"},
		"environment before file":    {text: text, environ: []string{"HEDDLE_REGION=env"}, want: "env"},
		"flag before environment":    {environ: []string{"HEDDLE_REGION=env"}, arguments: []string{"--region=flag"}, want: "flag"},
		"flag before all":            {text: text, environ: []string{"HEDDLE_REGION=env"}, arguments: []string{"--region=flag"}, want: "flag"},
		"flag that says the default": {text: text, environ: []string{"HEDDLE_REGION=env"}, arguments: []string{"--region=local"}, want: "local"},
		"empty variable":             {text: text, environ: []string{"HEDDLE_REGION="}, want: "file"},
		"empty value in the file":    {text: "region:\nlog-format: text\n", want: "local"},
		"first of two variables":     {environ: []string{"HEDDLE_REGION=a", "HEDDLE_REGION=b"}, want: "a"},
		"variable without a value":   {environ: []string{"HEDDLE_REGION", "OTHER=x"}, want: "local"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, c.text, c.environ, c.arguments...)
			if err != nil {
				t.Fatal(err)
			}
			if got.Region != c.want {
				t.Errorf("region %q, want %q", got.Region, c.want)
			}
		})
	}
}

// everything is a value other than the default for each setting, in the words
// of flags, environment and file alike.
var everything = map[string]string{
	"listen":                "[::1]:0",
	"tls-cert":              "/etc/heddle/cert.pem",
	"tls-key":               "/etc/heddle/key.pem",
	"admin-password-file":   "/run/secrets/admin",
	"limit-project-rate":    "13",
	"public-url":            "https://heddle.example",
	"region":                "cn-north_1",
	"data-dir":              "/var/lib/heddle",
	"store":                 "postgres://heddle@db/heddle",
	"accept-data-loss":      "true",
	"secret-key-file":       "/run/secrets/heddle",
	"function-networks":     "10.0.0.0/8",
	"audit":                 "all",
	"log-format":            "json",
	"log-level":             "warn",
	"shutdown-timeout":      "1m30s",
	"lease-duration":        "5s",
	"retention":             "36h",
	"time-zone":             "Asia/Tokyo",
	"nats-url":              "nats://10.0.0.1:4222",
	"nats-credentials":      "/run/secrets/nats",
	"nats-stream":           "events",
	"nats-subject":          "our.events",
	"quota-graphs":          "11",
	"quota-triggers":        "12",
	"limit-state-visits":    "1",
	"limit-extend-elements": "2",
	"limit-extend-parallel": "3",
	"limit-result-bytes":    "4",
	"limit-open-executions": "5",
	"limit-pending-starts":  "6",
	"limit-calls-in-flight": "7",
	"limit-project-share":   "8",
	"limit-function-calls":  "9",
	"limit-start-wait":      "10ms",
	"limit-pending-events":  "10",
	"limit-connections":     "11",
	"limit-request-bytes":   "2048",

	"hosts":                     "heddle,10.0.0.7",
	"insecure-http":             "true",
	"trusted-proxies":           "10.1.0.0/16",
	"limit-address-connections": "14",

	"limit-instances":          "14",
	"limit-function-instances": "13",
	"accept-lost-secrets":      "true",
	"local-functions":          "on",
	"local-network":            "none",
	"local-users":              "5000-5999",
	"local-idle":               "1h",
}

// TestEverySetting sets each setting in each of the three ways.
func TestEverySetting(t *testing.T) {
	t.Parallel()
	want := config.Config{
		Listen:            "[::1]:0",
		TLSCert:           "/etc/heddle/cert.pem",
		TLSKey:            "/etc/heddle/key.pem",
		AdminPasswordFile: "/run/secrets/admin",
		PublicURL:         "https://heddle.example",
		Hosts:             "heddle,10.0.0.7",
		InsecureHTTP:      true,
		TrustedProxies:    "10.1.0.0/16",
		Region:            "cn-north_1",
		DataDir:           "/var/lib/heddle",
		Store:             "postgres://heddle@db/heddle",
		AcceptDataLoss:    true,
		AcceptLostSecrets: true,
		SecretKeyFile:     "/run/secrets/heddle",
		FunctionNetworks:  "10.0.0.0/8",
		Audit:             "all",
		LogFormat:         "json",
		LogLevel:          slog.LevelWarn,
		ShutdownTimeout:   90 * time.Second,
		LeaseDuration:     5 * time.Second,
		Retention:         36 * time.Hour,
		TimeZone:          "Asia/Tokyo",
		NATS:              config.NATS{URL: "nats://10.0.0.1:4222", Credentials: "/run/secrets/nats", Stream: "events", Subject: "our.events"},
		Quotas:            config.Quotas{Graphs: 11, Triggers: 12},
		Limits: config.Limits{
			StateVisits:    1,
			ExtendElements: 2,
			ExtendParallel: 3,
			ResultBytes:    4,
			OpenExecutions: 5,
			PendingStarts:  6,
			CallsInFlight:  7,
			ProjectShare:   8,
			FunctionCalls:  9,
			PendingEvents:  10,
			Connections:    11,
			ConnectionsOf:  14,
			ProjectRate:    13,
			RequestBytes:   2048,
			StartWait:      10 * time.Millisecond,

			Instances:         14,
			FunctionInstances: 13,
		},
		Local: config.Local{Functions: "on", Network: "none", Users: "5000-5999", Idle: time.Hour},
	}
	var text strings.Builder
	var environ, arguments []string
	for name, v := range everything {
		text.WriteString(name + ": '" + v + "'\n")
		environ = append(environ, "HEDDLE_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+v)
		arguments = append(arguments, "--"+name+"="+v)
	}
	for name, load := range map[string]func() (config.Config, error){
		"file":        func() (config.Config, error) { return load(t, text.String(), nil) },
		"environment": func() (config.Config, error) { return load(t, "", environ) },
		"flags":       func() (config.Config, error) { return load(t, "", nil, arguments...) },
	} {
		got, err := load()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.File = ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v, want\n%+v", name, got, want)
		}
	}
}

func TestFlagsNameEverySetting(t *testing.T) {
	t.Parallel()
	fs := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.Flags(fs)
	fs.VisitAll(func(f *pflag.Flag) {
		if _, ok := everything[f.Name]; !ok && f.Name != "config" && f.Name != "sealing-keys" {
			t.Errorf("the setting %s is not tested", f.Name)
		}
		if f.Usage == "" {
			t.Errorf("the flag %s has no help", f.Name)
		}
	})
}

// TestSealingKeys has them where others do not see them, and a file or keys.
func TestSealingKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text      string
		environ   []string
		arguments []string
		want      string // in the error; "" for none
	}{
		"environment": {"", []string{"HEDDLE_SEALING_KEYS=k"}, nil, ""},
		"file":        {"sealing-keys: k", nil, nil, ""},
		"flag":        {"", nil, []string{"--sealing-keys=k"}, "set HEDDLE_SEALING_KEYS"},
		"both":        {"sealing-keys: k", nil, []string{"--secret-key-file=f"}, "give one of them"},
	} {
		got, err := load(t, c.text, c.environ, c.arguments...)
		if c.want == "" && (err != nil || got.SealingKeys != "k") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %q and %v, want %q", name, got.SealingKeys, err, c.want)
		}
	}
}

func TestFilePath(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path, missing := filepath.Join(directory, "a.yaml"), filepath.Join(directory, "missing.yaml")
	if err := os.WriteFile(path, []byte("region: file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := load(t, "", []string{"HEDDLE_CONFIG=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if got.Region != "file" || got.File != path {
		t.Errorf("region %q of the file %q, want %q of %q", got.Region, got.File, "file", path)
	}
	if got, err := load(t, "", []string{"HEDDLE_CONFIG=" + missing}, "--config", path); err != nil || got.File != path {
		t.Errorf("the flag does not win: file %q, error %v", got.File, err)
	}
	for name, load := range map[string]func() (config.Config, error){
		"missing, named by flag":        func() (config.Config, error) { return load(t, "", nil, "--config", missing) },
		"missing, named by environment": func() (config.Config, error) { return load(t, "", []string{"HEDDLE_CONFIG=" + missing}) },
	} {
		if _, err := load(); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
	}
	if _, err := load(t, "", nil, "--config", directory); err == nil {
		t.Error("a directory is read as a file")
	}
}
