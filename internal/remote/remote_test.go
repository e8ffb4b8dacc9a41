//go:build unix

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/whybounce/whybounce/internal/dovecot"
)

func mail(n int) string { return fmt.Sprintf("Subject: number %d\r\n\r\nbody %d\r\n", n, n) }

func open(t *testing.T, s *server, scheme, folder string, c Config) Source {
	t.Helper()
	src, err := s.open(t, scheme, folder, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func (s *server) open(t *testing.T, scheme, folder string, c Config) (Source, error) {
	t.Helper()
	if c.CAFile == "" {
		c.CAFile = s.CA
	}
	if !c.Password.IsSet() && !c.Token.IsSet() {
		c.Password = s.secret(t, password)
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	return Open(context.Background(), s.url(scheme, folder), c)
}

// fetch reads all that is new.
func fetch(t *testing.T, src Source, k Known) (ids []ID, texts []string) {
	t.Helper()
	for it, err := range src.Fetch(context.Background(), k) {
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(it)
		if err != nil {
			t.Fatal(err)
		}
		ids, texts = append(ids, it.ID), append(texts, strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	return ids, texts
}

func wantMail(t *testing.T, got []string, numbers ...int) {
	t.Helper()
	var want []string
	for _, n := range numbers {
		want = append(want, strings.ReplaceAll(mail(n), "\r\n", "\n"))
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every way in: TLS, STARTTLS and STLS, every mechanism, every kind of secret.
func TestLogin(t *testing.T) {
	s := startDovecot(t, "")
	s.deliver(t, "", mail(1))
	t.Setenv("BOUNCE_PASSWORD", password)
	byToken := Config{Token: Secret{Command: "printf '%s\\nmore\\n' " + token}}
	with := func(c Config, auth string) Config { c.Auth = auth; return c }
	for _, scheme := range []string{"imap", "imaps", "pop3", "pop3s"} {
		for name, c := range map[string]Config{
			"file": {}, "environment": {Password: Secret{Env: "BOUNCE_PASSWORD"}},
			"plain": {Auth: "plain"}, "login": {Auth: "LOGIN"},
			"token": byToken, "xoauth2": with(byToken, "xoauth2"), "oauthbearer": with(byToken, "oauthbearer"),
		} {
			t.Run(scheme+" "+name, func(t *testing.T) {
				_, texts := fetch(t, open(t, s, scheme, "", c), Known{})
				wantMail(t, texts, 1)
			})
		}
	}
}

// The protocol's own command, where the server has no SASL.
func TestLoginCommand(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "auth_mechanisms = plain\nimap_capability = IMAP4rev1\n")
	s.deliver(t, "", mail(1))
	for _, scheme := range []string{"imap", "imaps"} {
		src, err := s.open(t, scheme, "", Config{Auth: "login"})
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		_, texts := fetch(t, src, Known{})
		wantMail(t, texts, 1)
		src.Close()
	}
	src, err := s.open(t, "pop3s", "", Config{Auth: "login"})
	if err != nil {
		t.Fatal(err)
	}
	src.Close()
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	other := s.Write(t, "other.pem", dovecot.Authority(t))
	wrong := s.secret(t, "wrong secret")
	for _, tt := range []struct {
		name, scheme, host string
		c                  Config
		is                 error
		text               string
	}{
		{"wrong password", "imaps", "", Config{Password: wrong}, ErrLogin, "check the user and the password"},
		{"wrong password", "pop3s", "", Config{Password: wrong}, ErrLogin, "check the user and the password"},
		{"wrong password by LOGIN", "pop3", "", Config{Password: wrong, Auth: "login"}, ErrLogin, "check the user"},
		{"wrong token", "imaps", "", Config{Token: wrong}, ErrLogin, "whether the token is fresh"},
		{"wrong token", "pop3", "", Config{Token: wrong, Auth: "xoauth2"}, ErrLogin, "whether the token is fresh"},
		{"no secret", "imaps", "", Config{Password: Secret{Env: "NOT_THERE"}}, ErrSecret, "NOT_THERE gives none; give it by"},
		{"no file", "imaps", "", Config{Password: Secret{File: "/no/such/file"}}, ErrSecret, "/no/such/file: no such file"},
		{"command fails", "pop3s", "", Config{Password: Secret{Command: "echo secret; echo secret >&2; exit 3"}}, ErrSecret, "the command: exit status 3"},
		{"no such way", "imaps", "", Config{Auth: "cram"}, ErrUnsupported, "is none of plain"},
		{"unknown authority", "imaps", "", Config{CAFile: other}, ErrCertificate, "name its file as trusted"},
		{"unknown authority", "imap", "", Config{CAFile: other}, ErrCertificate, "name its file as trusted"},
		{"unknown authority", "pop3", "", Config{CAFile: other}, ErrCertificate, "name its file as trusted"},
		{"another name", "pop3s", "127.0.0.1", Config{}, ErrCertificate, "use the name that the certificate is for"},
		{"no certificates", "imaps", "", Config{CAFile: s.Dir + "/users"}, nil, "no certificate in it"},
		{"unknown host", "imaps", "nowhere.invalid", Config{}, nil, "nowhere.invalid"},
	} {
		t.Run(tt.name+" "+tt.scheme, func(t *testing.T) {
			url := s.url(tt.scheme, "")
			if tt.host != "" {
				url = strings.Replace(url, "localhost", tt.host, 1)
			}
			if tt.c.CAFile == "" {
				tt.c.CAFile = s.CA
			}
			if !tt.c.Password.IsSet() && !tt.c.Token.IsSet() {
				tt.c.Password = s.secret(t, password)
			}
			tt.c.Timeout = 10 * time.Second
			_, err := Open(context.Background(), url, tt.c)
			var e *Error
			if !errors.As(err, &e) || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want %v with %q", err, tt.is, tt.text)
			}
			if err != nil && (strings.Contains(err.Error(), "secret\"") || strings.Contains(err.Error(), "wrong secret") || strings.Contains(err.Error(), password)) {
				t.Errorf("the secret stands in %v", err)
			}
		})
	}
}

func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	s := startDovecotUntil(t, "", time.Now().Add(-time.Hour))
	_, err := s.open(t, "imaps", "", Config{})
	if !errors.Is(err, ErrCertificate) || !strings.Contains(err.Error(), "clock") {
		t.Errorf("got %v", err)
	}
}

func TestNoTLS(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "ssl = no\ndisable_plaintext_auth = no\n")
	s.deliver(t, "", mail(1))
	for _, scheme := range []string{"imap", "pop3"} {
		if _, err := s.open(t, scheme, "", Config{}); !errors.Is(err, ErrNoTLS) {
			t.Errorf("%s: got %v", scheme, err)
		}
		_, texts := fetch(t, open(t, s, scheme, "", Config{Cleartext: true}), Known{})
		wantMail(t, texts, 1)
	}
}

func TestNotTLSPort(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	for scheme, port := range map[string]int{"imaps": s.IMAP, "pop3s": s.POP3} {
		as := server{&dovecot.Server{CA: s.CA, IMAPS: port, POP3S: port}}
		if _, err := as.open(t, scheme, "", Config{}); !errors.Is(err, ErrNoTLS) || !strings.Contains(err.Error(), "for STARTTLS write") {
			t.Errorf("%s: got %v", scheme, err)
		}
	}
}
