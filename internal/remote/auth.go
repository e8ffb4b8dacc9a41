package remote

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
)

// A login is one way to log in, with its secret.
type login struct {
	user, secret string
	client       sasl.Client // nil: the protocol's own command
}

// ways are the SASL mechanisms that we know, by the names that users give them.
func ways(auth string, token bool) ([]string, error) {
	switch auth = strings.ToUpper(auth); {
	case auth == "" && token:
		return []string{"OAUTHBEARER", "XOAUTH2"}, nil
	case auth == "":
		return []string{"PLAIN", "LOGIN"}, nil
	case auth == "PLAIN", auth == "LOGIN", auth == "OAUTHBEARER", auth == "XOAUTH2":
		return []string{auth}, nil
	}
	return nil, fmt.Errorf("%w: the way to log in %s is none of plain, login, xoauth2, oauthbearer", ErrUnsupported, said(auth))
}

// newLogin chooses a way to log in that the server offers. own tells whether it
// takes user and password by the protocol's own command too.
func (c Config) newLogin(ctx context.Context, a address, offers func(string) bool, own bool) (*login, error) {
	token := c.Token.IsSet()
	names, err := ways(c.Auth, token)
	if err != nil {
		return nil, a.explain(err)
	}
	at := slices.IndexFunc(names, offers)
	bearer := names[0] == "OAUTHBEARER" || names[0] == "XOAUTH2"
	if at < 0 && (bearer || !own) {
		err := fmt.Errorf("%w: it does not offer to log in by %s", ErrUnsupported, strings.Join(names, " or "))
		return nil, &Error{Source: a.String(), Err: err, Hint: "choose another way to log in"}
	}
	from := c.Password
	if bearer {
		from = c.Token
	}
	secret, err := from.read(ctx)
	if err != nil {
		return nil, &Error{Source: a.String(), Err: err, Hint: "give it by a file, a command or an environment variable"}
	}
	l := &login{user: a.user, secret: secret}
	if at >= 0 {
		l.client = newSASL(names[at], a, secret)
	}
	return l, nil
}

func newSASL(name string, a address, secret string) sasl.Client {
	switch name {
	case "PLAIN":
		return sasl.NewPlainClient("", a.user, secret)
	case "LOGIN":
		return sasl.NewLoginClient(a.user, secret)
	case "OAUTHBEARER": // RFC 7628, 3.1; a comma and "=" in the name are escaped as in RFC 5801
		user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(a.user)
		return &bearer{name, fmt.Sprintf("n,a=%s,\x01host=%s\x01port=%s\x01auth=Bearer %s\x01\x01", user, a.host, a.port, secret)}
	}
	return &bearer{name, fmt.Sprintf("user=%s\x01auth=Bearer %s\x01\x01", a.user, secret)}
}

// A bearer logs in by a token.
type bearer struct{ name, response string }

func (b *bearer) Start() (string, []byte, error) { return b.name, []byte(b.response), nil }

// Next answers the challenge that carries an error, so that the server goes on to refuse.
func (b *bearer) Next([]byte) ([]byte, error) { return []byte{1}, nil }

// refused makes an error of a server's words about a login, without the
// secret, should the server repeat it.
func (l *login) refused(a address, text string) *Error {
	for _, s := range []string{l.secret, base64.StdEncoding.EncodeToString([]byte(l.secret)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + l.user + "\x00" + l.secret))} {
		text = strings.ReplaceAll(text, s, "…")
	}
	hint := "check the user and the password; some providers want one made for this program"
	if _, ok := l.client.(*bearer); ok {
		hint = "check the user, and whether the token is fresh and for mail"
	}
	return &Error{Source: a.String(), Err: fmt.Errorf("%w: %s", ErrLogin, said(text)), Hint: hint}
}
