package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

func (a *app) certificateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "certificate DIRECTORY HOST...",
		Short: "Make a certificate for trying TLS out, and an authority that signs it",
		Long:  "Make an authority (ca.pem) and a certificate of it (cert.pem, key.pem) for hosts or\naddresses, both good for 30 days. Programs have to be told to trust the\nauthority: the commands of heddle are by SSL_CERT_FILE. Its key is kept nowhere.",
		Example: "  heddle certificate ./tls localhost 127.0.0.1\n" +
			"  heddle serve --tls-cert ./tls/cert.pem --tls-key ./tls/key.pem\n" +
			"  SSL_CERT_FILE=./tls/ca.pem heddle graph list --server https://localhost:8480",
		Args: cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := makeCertificate(args[0], args[1:], time.Now()); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "made ca.pem, cert.pem and key.pem in %s\n", args[0])
			return nil
		},
	}
}

// certificateLifetime is short: this is for trying out.
const certificateLifetime = 30 * 24 * time.Hour

// makeCertificate writes an authority, and a certificate of it for the hosts.
func makeCertificate(dir string, hosts []string, now time.Time) error {
	template := func(name string, serial int64) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(now.UnixNano() + serial), Subject: pkix.Name{CommonName: name},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLifetime),
		}
	}
	authority := template("Heddle, for trying out", 0)
	authority.IsCA, authority.BasicConstraintsValid, authority.KeyUsage = true, true, x509.KeyUsageCertSign
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	leaf := template(hosts[0], 1)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authorityBytes, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	leafBytes, err := x509.CreateCertificate(rand.Reader, leaf, authority, &leafKey.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range []struct {
		name, kind string
		bytes      []byte
		mode       os.FileMode
	}{
		{"ca.pem", "CERTIFICATE", authorityBytes, 0o644},
		{"cert.pem", "CERTIFICATE", leafBytes, 0o644},
		{"key.pem", "PRIVATE KEY", keyBytes, 0o600},
	} {
		text := pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.bytes})
		if err := os.WriteFile(filepath.Join(dir, f.name), text, f.mode); err != nil {
			return err
		}
	}
	return nil
}
