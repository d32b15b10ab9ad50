package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"heddle/internal/zone"
)

var subjectForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

var hostsForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+( *, *[A-Za-z0-9_.-]+)*$`)

var regionForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// validate returns all that is wrong. Each error begins with the setting.
func (c Config) validate() []error {
	var problems []error
	problem := func(format string, arguments ...any) {
		problems = append(problems, fmt.Errorf(format, arguments...))
	}
	if err := checkListen(c.Listen); err != nil {
		problem("listen: %q %w", c.Listen, err)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		problem("tls-cert: it goes with tls-key: give both or neither")
	}
	if c.TLSCert == "" && !c.Loopback() && !c.InsecureHTTP {
		problem("listen: %q can be reached from other machines: give tls-cert and tls-key, or insecure-http where something before it speaks TLS", c.Listen)
	}
	if _, err := c.Networks(); err != nil {
		problem("function-networks: %w", err)
	}
	if _, err := c.Proxies(); err != nil {
		problem("trusted-proxies: %w", err)
	}
	if c.Hosts != "" && !hostsForm.MatchString(c.Hosts) {
		problem("hosts: %q must be names of hosts without ports, such as heddle,10.0.0.7, separated by commas", c.Hosts)
	}
	if err := checkPublicURL(c.PublicURL); err != nil {
		problem("public-url: %q %w", c.PublicURL, err)
	}
	if !regionForm.MatchString(c.Region) {
		problem("region: %q must be 1 to 64 letters, digits, '-' and '_'", c.Region)
	}
	if c.DataDir == "" {
		problem("data-dir: it must name a directory")
	}
	if c.Store != "" && !strings.HasPrefix(c.Store, "postgres://") && !strings.HasPrefix(c.Store, "postgresql://") {
		problem("store: it must begin with postgres://, or be empty for SQLite in the data directory")
	}
	if c.SealingKeys != "" && c.SecretKeyFile != "" {
		problem("sealing-keys: it stands in the place of secret-key-file: give one of them")
	}
	if c.Audit != "changes" && c.Audit != "all" {
		problem("audit: %q must be changes or all", c.Audit)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		problem("log-format: %q must be text or json", c.LogFormat)
	}
	if _, err := zone.Find(c.TimeZone); err != nil {
		problem("time-zone: %w", err)
	}
	if !slices.Contains([]string{"auto", "on", "off"}, c.Local.Functions) {
		problem("local-functions: %q must be on, off or auto", c.Local.Functions)
	}
	if !slices.Contains([]string{"auto", "outward", "none", "host"}, c.Local.Network) {
		problem("local-network: %q must be auto, outward, none or host", c.Local.Network)
	}
	if _, _, err := c.Local.UserRange(); err != nil {
		problem("local-users: %q %w", c.Local.Users, err)
	}
	for _, s := range []struct {
		name            string
		value, min, max time.Duration
	}{
		{"shutdown-timeout", c.ShutdownTimeout, time.Millisecond, 10 * time.Minute},
		{"lease-duration", c.LeaseDuration, time.Second, 10 * time.Minute},
		{"local-idle", c.Local.Idle, time.Second, 24 * time.Hour},
		{"limit-start-wait", c.Limits.StartWait, time.Millisecond, 10 * time.Second},
	} {
		if s.value < s.min || s.value > s.max {
			problem("%s: %v must be from %v to %v", s.name, s.value, s.min, s.max)
		}
	}
	if c.NATS.URL != "" && (!subjectForm.MatchString(c.NATS.Stream) || strings.Contains(c.NATS.Stream, ".")) {
		problem("nats-stream: %q must be letters, digits, '-' and '_'", c.NATS.Stream)
	}
	if c.NATS.URL != "" && !subjectForm.MatchString(c.NATS.Subject) {
		problem("nats-subject: %q must be letters, digits, '-' and '_', with single dots between", c.NATS.Subject)
	}
	if c.Retention != 0 && c.Retention < time.Minute {
		problem("retention: %v must be %v at least, or 0 to keep everything", c.Retention, time.Minute)
	}
	for _, s := range []struct {
		name            string
		value, min, max int
	}{
		{"quota-graphs", c.Quotas.Graphs, 1, 10_000},
		{"quota-triggers", c.Quotas.Triggers, 1, 10_000},
		{"limit-project-rate", c.Limits.ProjectRate, 0, 1_000_000},
		{"limit-state-visits", c.Limits.StateVisits, 1, 1_000_000},
		{"limit-extend-elements", c.Limits.ExtendElements, 1, 100_000},
		{"limit-extend-parallel", c.Limits.ExtendParallel, 1, 1_000},
		{"limit-result-bytes", c.Limits.ResultBytes, 1, 16 << 20},
		{"limit-open-executions", c.Limits.OpenExecutions, 1, 100_000_000},
		{"limit-pending-starts", c.Limits.PendingStarts, 1, 100_000},
		{"limit-calls-in-flight", c.Limits.CallsInFlight, 1, 65_536},
		{"limit-project-share", c.Limits.ProjectShare, 1, 100},
		{"limit-function-calls", c.Limits.FunctionCalls, 1, 65_536},
		{"limit-pending-events", c.Limits.PendingEvents, 1, 10_000_000},
		{"limit-connections", c.Limits.Connections, 1, 1_000_000},
		{"limit-address-connections", c.Limits.ConnectionsOf, 0, 1_000_000},
		{"limit-request-bytes", c.Limits.RequestBytes, 1 << 10, 64 << 20},
		{"limit-instances", c.Limits.Instances, 1, 10_000},
		{"limit-function-instances", c.Limits.FunctionInstances, 1, 1_000},
	} {
		if s.value < s.min || s.value > s.max {
			problem("%s: %d must be from %d to %d", s.name, s.value, s.min, s.max)
		}
	}
	return problems
}

// checkPublicURL wants a URL below which paths can be added; none is fine.
func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be an http or https URL without query, such as https://heddle.example:8480")
	}
	return nil
}

func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return errors.New("must be host:port, such as 127.0.0.1:8480")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("must have a port from 0 to 65535")
	}
	return nil
}

// AuditAll reports whether the audit log has also what starts executions or brings
// them on.
func (c Config) AuditAll() bool { return c.Audit == "all" }

// Loopback reports whether only this machine can reach the server.
func (c Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && LoopbackHost(host)
}

// LoopbackHost reports whether only this machine reaches the host. Of names it
// trusts localhost alone.
func LoopbackHost(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
