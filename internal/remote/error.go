package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/emersion/go-imap/v2"
)

// What an *Error wraps.
var (
	// ErrLogin: the server refuses user and secret.
	ErrLogin = errors.New("the server refuses the login")
	// ErrSecret: there is no password or token, or it cannot be had.
	ErrSecret = errors.New("no password")
	// ErrHost: no such host.
	ErrHost = errors.New("the host is unknown")
	// ErrConnect: nobody answers there.
	ErrConnect = errors.New("cannot connect")
	// ErrCertificate: the server's certificate does not verify.
	ErrCertificate = errors.New("the server's certificate cannot be verified")
	// ErrNoTLS: the server offers no encryption.
	ErrNoTLS = errors.New("the server offers no encryption")
	// ErrFolder: there is no such folder, or it vanished.
	ErrFolder = errors.New("there is no such folder")
	// ErrValidity: the folder was made anew since its messages were named.
	ErrValidity = errors.New("the folder was made anew (UIDVALIDITY changed)")
	// ErrTimeout: the server stopped answering.
	ErrTimeout = errors.New("the server does not answer")
	// ErrLost: the connection broke.
	ErrLost = errors.New("the connection was lost")
	// ErrUnsupported: the server or the protocol cannot do it.
	ErrUnsupported = errors.New("the server cannot do that")
	// ErrRefused: the server refuses a command.
	ErrRefused = errors.New("the server refuses")
)

// An Error says what went wrong with which mailbox. Its text holds neither
// secrets nor control characters.
type Error struct {
	Source string // the mailbox as URL
	Folder string // or ""
	Err    error
	Hint   string // what to do, or ""
}

// Error gives "imaps://user@host:993/INBOX: what happened; what to do".
func (e *Error) Error() string {
	s := printable(e.Source)
	if e.Folder != "" {
		s += ", folder " + printable(e.Folder)
	}
	s += ": " + printable(e.Err.Error())
	if e.Hint != "" {
		s += "; " + printable(e.Hint)
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// printable escapes whatever could do more than show itself.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }) < 0 {
		return s
	}
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// said quotes a server, at no great length.
func said(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return strconv.Quote(text)
}

// explain gives an error that names what happened and what to do.
func (a address) explain(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	e = &Error{Source: a.String(), Err: err}
	e.Hint, e.Err = a.diagnose(err)
	return e
}

func (a address) diagnose(err error) (hint string, because error) {
	var dns *net.DNSError
	var notTLS tls.RecordHeaderError
	var status *imap.Error
	var cert *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	const later = "what was read before counts; run it again"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "", err
	case errors.As(err, &dns) && dns.IsNotFound:
		return "check the spelling of " + a.host, ErrHost
	case errors.As(err, &cert):
		return a.diagnoseCertificate(cert.Err)
	case errors.As(err, &notTLS):
		return "for STARTTLS write " + strings.TrimSuffix(a.scheme, "s") + ":// and its port", fmt.Errorf("%w on port %s", ErrNoTLS, a.port)
	case errors.As(err, &status):
		return "", fmt.Errorf("%w: %s", ErrRefused, said(status.Text))
	case errors.Is(err, ErrTimeout), errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return "check the port and the network, or allow more time", ErrTimeout
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.As(err, &dns):
		return "check the port, and whether the server is up", fmt.Errorf("%w to %s: %w", ErrConnect, a.hostPort(), err)
	case errors.Is(err, ErrLost), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return later, ErrLost
	}
	return "", err
}

// diagnoseCertificate says why a certificate does not verify.
func (a address) diagnoseCertificate(err error) (hint string, because error) {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	err = fmt.Errorf("%w: %w", ErrCertificate, err)
	switch {
	case errors.As(err, &name):
		return "use the name that the certificate is for", err
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "check this machine's clock, else tell who runs the server", err
	}
	return "if the server has a certificate authority of its own, name its file as trusted", err
}
