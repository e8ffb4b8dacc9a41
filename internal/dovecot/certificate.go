//go:build unix

package dovecot

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// A certificate is one with its key.
type certificate struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Authority returns the certificate of a new authority, as a file holds it.
func Authority(t testing.TB) string {
	t.Helper()
	return inFile("CERTIFICATE", newAuthority(t).cert.Raw)
}

func newAuthority(t testing.TB) certificate {
	t.Helper()
	return sign(t, nil, time.Now().Add(time.Hour), &x509.Certificate{Subject: pkix.Name{CommonName: "test authority"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
}

// certify gives the server a certificate for localhost that holds until then, and
// returns the file of the authority that it is from.
func (s *Server) certify(t testing.TB, until time.Time) string {
	t.Helper()
	if until.IsZero() {
		until = time.Now().Add(time.Hour)
	}
	authority := newAuthority(t)
	leaf := sign(t, &authority, until, &x509.Certificate{Subject: pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	key, err := x509.MarshalECPrivateKey(leaf.key)
	if err != nil {
		t.Fatal(err)
	}
	s.Write(t, "cert.pem", inFile("CERTIFICATE", leaf.cert.Raw))
	s.Write(t, "key.pem", inFile("EC PRIVATE KEY", key))
	return s.Write(t, "ca.pem", inFile("CERTIFICATE", authority.cert.Raw))
}

// sign makes a certificate by another, or by itself.
func sign(t testing.TB, by *certificate, until time.Time, c *x509.Certificate) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by = &certificate{c, key}
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-48*time.Hour), until
	raw, err := x509.CreateCertificate(rand.Reader, c, by.cert, &key.PublicKey, by.key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate{parsed, key}
}

func inFile(kind string, b []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
}
