package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// A conn gives up when the server says nothing for too long while it is being
// waited for. It ignores deadlines that others set.
type conn struct {
	net.Conn
	timeout time.Duration
	mu      sync.Mutex
	waiting int
	late    bool
}

// timedOut tells whether the server was silent for too long.
func (c *conn) timedOut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.late
}

func (c *conn) SetDeadline(time.Time) error     { return nil }
func (c *conn) SetReadDeadline(time.Time) error { return nil }

func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// arm sets the deadline for the next thing that the server says.
func (c *conn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting > 0 {
		c.Conn.SetReadDeadline(time.Now().Add(c.timeout))
	} else {
		c.Conn.SetReadDeadline(time.Time{})
	}
}

// wait starts to expect answers, until the function that it returns is called.
// Should the context end meanwhile the connection is closed.
func (c *conn) wait(ctx context.Context) (done func()) {
	c.mu.Lock()
	c.waiting++
	c.mu.Unlock()
	c.arm()
	stop := context.AfterFunc(ctx, func() { c.Conn.Close() })
	return func() {
		stop()
		c.mu.Lock()
		c.waiting--
		c.mu.Unlock()
		c.arm()
	}
}

func (c *conn) Read(p []byte) (int, error) {
	c.arm()
	n, err := c.Conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.mu.Lock()
		c.late = true
		c.mu.Unlock()
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	c.Conn.SetWriteDeadline(time.Now().Add(c.timeout))
	return c.Conn.Write(p)
}

// dial connects; over is what speaks, under TLS if the scheme wants it from the start.
func (c Config) dial(ctx context.Context, a address) (under *conn, over net.Conn, conf *tls.Config, err error) {
	conf, err = c.tlsConfig(a.host)
	if err != nil {
		return nil, nil, nil, &Error{Source: a.String(), Err: err, Hint: "name a file of certificates in PEM form"}
	}
	d := net.Dialer{Timeout: c.Timeout}
	raw, err := d.DialContext(ctx, "tcp", a.hostPort())
	if err != nil {
		return nil, nil, nil, a.explain(err)
	}
	under = &conn{Conn: raw, timeout: c.Timeout}
	if !a.tls() {
		return under, under, conf, nil
	}
	t := tls.Client(under, conf)
	done := under.wait(ctx)
	err = t.HandshakeContext(ctx)
	done()
	if err != nil {
		raw.Close()
		return nil, nil, nil, a.explain(err)
	}
	return under, t, conf, nil
}

func (c Config) tlsConfig(host string) (*tls.Config, error) {
	conf := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, err
	}
	conf.RootCAs = x509.NewCertPool()
	if !conf.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: %w", c.CAFile, errors.New("no certificate in it"))
	}
	return conf, nil
}

// errNoTLS refuses to go on without encryption.
func errNoTLS(a address) *Error {
	return &Error{Source: a.String(), Err: ErrNoTLS, Hint: "write " + a.scheme + "s:// if it has a port for TLS; only within your own machine allow cleartext"}
}
