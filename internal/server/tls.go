package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is the one to serve with. It is read again when its file has
// changed: certificates are renewed while a server runs.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate // guarded by mu
	read    time.Time        // when its file had been changed last; guarded by mu
	looked  time.Time        // when that was looked at; guarded by mu
}

// lookEvery is how long a certificate is served with before its file is looked at.
const lookEvery = time.Second

// newTLS returns how TLS is spoken, or nil if it is not.
func newTLS(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	if certFile == "" {
		return nil, nil
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.load(time.Now()); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   suites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
		NextProtos:     []string{"h2", "http/1.1"},
	}, nil
}

// suites are those of TLS 1.2 that encrypt and authenticate in one, with keys of
// which nothing remains. Those of TLS 1.3 all do, and need no list.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// load reads the files.
func (c *certificate) load(now time.Time) error {
	info, err := os.Stat(c.certFile)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	c.looked = now
	if info.ModTime().Equal(c.read) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	c.current, c.read = &pair, info.ModTime()
	return nil
}

// get returns the certificate. If a new one cannot be read, the old one stays.
func (c *certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.looked) < lookEvery {
		return c.current
	}
	former := c.read
	if err := c.load(now); err != nil {
		c.log.Error("the certificate stays as it was", "error", err)
	} else if !former.Equal(c.read) {
		c.log.Info("serving with the new certificate", "file", c.certFile)
	}
	return c.current
}
