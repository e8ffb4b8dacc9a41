package remote

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// An address is a URL taken apart.
type address struct {
	scheme, user, host, port, folder string
}

// parseAddress reads a URL. Its errors do not repeat it: it may hold a password.
func parseAddress(s string) (address, error) {
	scheme, _, _ := strings.Cut(s, "://")
	bad := func(text, hint string) (address, error) {
		return address{}, &Error{Source: printable(scheme) + "://…", Err: errors.New(text), Hint: hint}
	}
	const form = "write imaps://user@host/FOLDER or pop3s://user@host"
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !IsURL(s) {
		return bad("not the address of a mailbox", form+", with %40 for an @ in the folder, %25 for a %")
	}
	if _, has := u.User.Password(); has {
		return bad("a password does not belong into the address", "give it by a file, a command or an environment variable")
	}
	a := address{strings.ToLower(u.Scheme), u.User.Username(), u.Hostname(), u.Port(), strings.TrimPrefix(u.Path, "/")}
	switch {
	case a.user == "" || a.host == "":
		return bad("the user or the host is missing", form)
	case u.RawQuery != "" || u.Fragment != "":
		return bad("the address goes on after ? or #", "in a folder's name write %3F and %23")
	case a.pop3() && a.folder != "":
		return bad("POP3 has no folders", "leave out what follows the host")
	case strings.ContainsAny(a.user+a.host+a.folder, "\x00\r\n"):
		return bad("the address holds control characters", form)
	}
	if a.folder == "" && !a.pop3() {
		a.folder = "INBOX"
	}
	if a.port == "" {
		a.port = map[string]string{"imap": "143", "imaps": "993", "pop3": "110", "pop3s": "995"}[a.scheme]
	}
	return a, nil
}

func (a address) pop3() bool       { return strings.HasPrefix(a.scheme, "pop3") }
func (a address) tls() bool        { return strings.HasSuffix(a.scheme, "s") }
func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// String gives the URL, escaped, without what is the default.
func (a address) String() string {
	u := url.URL{Scheme: a.scheme, User: url.User(a.user), Host: a.hostPort(), Path: a.folder}
	return u.String()
}
