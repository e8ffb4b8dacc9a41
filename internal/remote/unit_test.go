package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestParseAddress(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"imaps://bob@mail.example.com", "imaps://bob@mail.example.com:993/INBOX"},
		{"IMAP://bob%40example.com@mail.example.com:1143/Lists/b%20%C3%BC", "imap://bob%40example.com@mail.example.com:1143/Lists/b%20%C3%BC"},
		{"imaps://bob@example.com@mail.example.com/x", "imaps://bob%40example.com@mail.example.com:993/x"},
		{"pop3s://bob@[2001:db8::1]", "pop3s://bob@[2001:db8::1]:995"},
		{"pop3://bob@mail.example.com/", "pop3://bob@mail.example.com:110"},
	} {
		a, err := parseAddress(tt.in)
		if err != nil || a.String() != tt.want {
			t.Errorf("%s: got %v, %v, want %s", tt.in, a, err, tt.want)
		}
	}
	for in, text := range map[string]string{
		"imaps://bob:s3cret@mail.example.com":      "imaps://…: a password does not belong into the address; give it by a file",
		"imaps://bob:s3cret%zz@mail.example.com":   "not the address of a mailbox",
		"imaps://mail.example.com":                 "the user or the host is missing",
		"imaps://bob@/x":                           "not the address",
		"pop3://bob@mail.example.com/x":            "POP3 has no folders",
		"imap://bob@mail.example.com/x?s3cret":     "goes on after ?",
		"imap://bob@mail.example.com/x#s3cret":     "goes on after ?",
		"imap://bob%0d%0ax@mail.example.com/INBOX": "control characters",
		"imap://bob@mail.example.com/a%0aLOGOUT":   "control characters",
		"http://bob@mail.example.com":              "not the address",
	} {
		_, err := parseAddress(in)
		if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", in, err, text)
		}
	}
}

func TestIsURL(t *testing.T) {
	for s, want := range map[string]bool{"imaps://x": true, "POP3://x": true, "imap:x": false, "mail/imaps": false, "http://x": false, "": false} {
		if IsURL(s) != want {
			t.Errorf("%s: got %v", s, !want)
		}
	}
}

func TestParseAfter(t *testing.T) {
	for s, want := range map[string]After{"keep": {"keep", ""}, "seen": {"seen", ""}, "delete": {"delete", ""}, "move=a=b": {"move", "a=b"}} {
		if got, err := ParseAfter(s); got != want || err != nil {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "move", "move=", "delete=x", "Seen"} {
		if got, err := ParseAfter(s); err == nil {
			t.Errorf("%q: got %v", s, got)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		name := filepath.Join(dir, fmt.Sprint(len(text)))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	t.Setenv("REMOTE_TEST_SECRET", "by env")
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	for _, tt := range []struct {
		s          Secret
		want, text string
	}{
		{Secret{File: write(" a b\r\nnext\n")}, " a b", ""},
		{Secret{Command: "echo 'from cmd'; echo more"}, "from cmd", ""},
		{Secret{Env: "REMOTE_TEST_SECRET"}, "by env", ""},
		{Secret{}, "", "no password"},
		{Secret{File: write("\nx")}, "", "gives none"},
		{Secret{File: write("x\x00y\n")}, "", "gives a NUL"},
		{Secret{File: dir + "/none"}, "", "no such file"},
		{Secret{Command: "exit 2"}, "", "exit status 2"},
		{Secret{Command: "sleep 30"}, "", "took longer"},
	} {
		got, err := tt.s.read(ctx)
		if got != tt.want || (err != nil) != (tt.text != "") || err != nil && (!errors.Is(err, ErrSecret) || !strings.Contains(err.Error(), tt.text)) {
			t.Errorf("%+v: got %q, %v", tt.s, got, err)
		}
	}
}

// A server that repeats the secret does not get it into an error.
func TestSecretIsLeftOut(t *testing.T) {
	a := address{scheme: "imaps", user: "bob", host: "h", port: "1"}
	l := &login{user: "bob", secret: "s3cret"}
	e := l.refused(a, "no AGJvYgBzM2NyZXQ= nor s3cret nor czNjcmV0\x1b[31m"+strings.Repeat("x", 300))
	if s := e.Error(); strings.Contains(s, "s3cret") || strings.Contains(s, "czNjcmV0") || strings.Contains(s, "AGJvYgBzM2NyZXQ=") || strings.ContainsRune(s, 0x1b) || len(s) > 500 {
		t.Errorf("got %s", s)
	}
}

func TestDiagnose(t *testing.T) {
	a := address{scheme: "imaps", user: "bob", host: "h", port: "1"}
	for _, tt := range []struct{ err, is error }{
		{&net.DNSError{IsNotFound: true}, ErrHost},
		{&net.DNSError{IsTemporary: true}, ErrConnect},
		{&net.DNSError{IsTimeout: true}, ErrTimeout},
		{fmt.Errorf("x: %w", os.ErrDeadlineExceeded), ErrTimeout},
		{io.ErrUnexpectedEOF, ErrLost},
		{context.Canceled, context.Canceled},
	} {
		if err := a.explain(tt.err); !errors.Is(err, tt.is) {
			t.Errorf("%v: got %v", tt.err, err)
		}
	}
}

// play is a server that follows a script: what it gets must begin with a line
// of the script, what it answers is the next one. An answer that ends in
// hangUp ends the connection.
func play(t *testing.T, script ...string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan bool)
	t.Cleanup(func() { l.Close(); <-ended })
	go func() {
		defer close(ended)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		io.WriteString(c, script[0])
		r := bufio.NewReader(c)
		for i := 1; i+1 < len(script); i += 2 {
			ln, err := r.ReadString('\n')
			if err != nil {
				return
			}
			tag, _, _ := strings.Cut(ln, " ")
			if !strings.Contains(ln, script[i]) {
				t.Errorf("got %q, want %q", ln, script[i])
				return
			}
			answer, last := strings.CutSuffix(script[i+1], hangUp)
			io.WriteString(c, strings.ReplaceAll(answer, "TAG", tag))
			if last {
				return
			}
		}
		io.Copy(io.Discard, r)
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func playOpen(scheme, port string) (Source, error) {
	c := Config{Password: Secret{Command: "echo s3cret"}, Cleartext: true, Timeout: time.Second}
	return Open(context.Background(), scheme+"://bob@127.0.0.1:"+port, c)
}

const hangUp = "<hang up>"

const caps = "+OK\r\nUSER\r\nUIDL\r\n.\r\n"

// pop3 is a script for a mailbox of two messages.
func pop3Script(more ...string) []string {
	return append([]string{"+OK hi\r\n", "CAPA", caps, "USER bob", "+OK\r\n", "PASS s3cret", "+OK\r\n", "STAT", "+OK 2 20\r\n",
		"UIDL", "+OK\r\n1 a\r\n2 b\r\n.\r\n", "LIST", "+OK\r\n1 10\r\n2 10\r\n.\r\n"}, more...)
}

func TestPOP3Scripts(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	for _, tt := range []struct {
		name   string
		script []string
		texts  string
		is     error
		text   string
	}{
		{"good", pop3Script("RETR 1", "+OK\r\n..a\r\nb\r\n.\r\n", "RETR 2", "+OK\r\n.\r\n", "QUIT", "+OK\r\n"), ".a\r\nb\r\n|", nil, ""},
		{"a message is gone", pop3Script("RETR 1", "-ERR gone\r\n", "RETR 2", "+OK\r\nb\r\n.\r\n", "QUIT", "+OK\r\n"), "b\r\n", nil, ""},
		{"line feeds alone", pop3Script("RETR 1", "+OK\na\n.\n", "RETR 2", "+OK\n"+long+"\n.\n", "QUIT", "+OK\n"), "a\n|" + long + "\n", nil, ""},
		{"lost in a message", pop3Script("RETR 1", "+OK\r\na\r\n"+hangUp), "", ErrLost, "run it again"},
		{"lost after a message", pop3Script("RETR 1", "+OK\r\na\r\n.\r\n", "RETR 2", hangUp), "a\r\n", ErrLost, ""},
		{"silent", pop3Script("RETR 1", "+OK\r\na\r\n.\r\n", "RETR 2", "+OK\r\nb"), "a\r\n", ErrTimeout, ""},
		{"no greeting", []string{""}, "", ErrTimeout, ""},
		{"refuses at once", []string{"-ERR busy\x1b[31m\r\n"}, "", ErrRefused, `"busy\x1b[31m"`},
		{"another protocol", []string{"220 mail ESMTP\r\n"}, "", nil, `not the answer of a POP3 server: "220 mail ESMTP"`},
		{"a line without end", []string{long + long}, "", nil, "a line without end"},
		{"wrong password", []string{"+OK\r\n", "CAPA", caps, "USER", "+OK\r\n", "PASS", "-ERR [AUTH] s3cret is wrong\r\n"}, "", ErrLogin, `"[AUTH] … is wrong"`},
		{"in use", []string{"+OK\r\n", "CAPA", caps, "USER", "+OK\r\n", "PASS", "-ERR [IN-USE] locked\r\n"}, "", ErrRefused, "try again later"},
		{"no UIDL", []string{"+OK\r\n", "CAPA", "-ERR\r\n", "USER", "+OK\r\n", "PASS", "+OK\r\n", "STAT", "+OK 1 1\r\n", "UIDL", "-ERR\r\n"}, "", ErrUnsupported, "by IMAP"},
		{"lists without end", []string{"+OK\r\n", "CAPA", caps, "USER", "+OK\r\n", "PASS", "+OK\r\n", "STAT", "+OK 1 1\r\n", "UIDL", "+OK\r\n1 a\r\n2 b\r\n3 c\r\n"}, "", ErrRefused, "more than it has"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			texts, err := readAll(playOpen("pop3", play(t, tt.script...)))
			check(t, texts, err, tt.texts, tt.is, tt.text)
		})
	}
}

// readAll reads what Open gave.
func readAll(src Source, err error) (texts []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer src.Close()
	for it, err := range src.Fetch(context.Background(), Known{}) {
		if err != nil {
			return texts, err
		}
		b, err := io.ReadAll(it)
		if err != nil {
			continue // the iteration tells too
		}
		texts = append(texts, string(b))
	}
	return texts, src.Close()
}

func check(t *testing.T, texts []string, err error, want string, is error, text string) {
	t.Helper()
	if got := strings.Join(texts, "|"); got != want {
		t.Errorf("got %.200q, want %.200q", got, want)
	}
	var e *Error
	switch {
	case is == nil && text == "":
		if err != nil {
			t.Errorf("got %v", err)
		}
	case !errors.As(err, &e) || is != nil && !errors.Is(err, is) || !strings.Contains(err.Error(), text):
		t.Errorf("got %v, want %v with %q", err, is, text)
	case strings.Contains(err.Error(), "s3cret") || printable(err.Error()) != err.Error():
		t.Errorf("got %q", err)
	}
}

// imapScript is a script for a mailbox of two messages, without STARTTLS.
func imapScript(t *testing.T, uids, sizes string, more ...string) string {
	return play(t, append([]string{"* OK [CAPABILITY IMAP4rev1] hi\r\n", "LOGIN", "TAG OK [CAPABILITY IMAP4rev1] in\r\n",
		"EXAMINE", "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-ONLY] done\r\n",
		"UID SEARCH", "* SEARCH " + uids + "\r\nTAG OK done\r\n", "UID FETCH", sizes + "TAG OK done\r\n"}, more...)...)
}

func TestIMAPScripts(t *testing.T) {
	const sizes = "* 1 FETCH (UID 3 RFC822.SIZE 1)\r\n* 2 FETCH (UID 5 RFC822.SIZE 2)\r\n"
	for _, tt := range []struct {
		name  string
		more  []string
		texts string
		is    error
		text  string
	}{
		{"good", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 5 BODY[] {2}\r\nbb)\r\nTAG OK\r\n", "LOGOUT", "* BYE\r\nTAG OK\r\n"}, "a|bb", nil, ""},
		{"out of order", []string{"BODY.PEEK[]", "* 2 FETCH (UID 5 BODY[] \"bb\")\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nTAG OK\r\n", "LOGOUT", "* BYE\r\nTAG OK\r\n"}, "a|bb", nil, ""},
		{"gone", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] NIL)\r\n* 2 FETCH (UID 5 BODY[] {2}\r\nbb)\r\nTAG NO [EXPUNGEISSUED] gone\r\n", "LOGOUT", "TAG OK\r\n"}, "bb", nil, ""},
		{"not asked for", []string{"BODY.PEEK[]", "* 9 FETCH (UID 9 BODY[] {1}\r\nz)\r\n* 1 FETCH (UID 3 BODY[] {1}\r\na)\r\nTAG OK\r\n", "LOGOUT", "TAG OK\r\n"}, "a", nil, ""},
		{"larger than it said", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] {5000000}\r\n" + strings.Repeat("a", 5000000) + ")\r\nTAG OK\r\n",
			"UID FETCH 3 ", "* 1 FETCH (UID 3 BODY[] {5000000}\r\n" + strings.Repeat("a", 5000000) + ")\r\nTAG OK\r\n", "LOGOUT", "TAG OK\r\n"}, strings.Repeat("a", 5000000), nil, ""},
		{"lost in a message", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] {100}\r\na" + hangUp}, "", ErrLost, "run it again"},
		{"lost in a large message", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] {5000000}\r\n" + strings.Repeat("a", 5000000) + ")\r\nTAG OK\r\n",
			"UID FETCH 3 ", "* 1 FETCH (UID 3 BODY[] {5000000}\r\naaaa" + hangUp}, "", ErrLost, "run it again"},
		{"silent in a message", []string{"BODY.PEEK[]", "* 1 FETCH (UID 3 BODY[] {100}\r\na"}, "", ErrTimeout, ""},
		{"refused", []string{"BODY.PEEK[]", "TAG NO out of\x1b order\r\n"}, "", ErrRefused, `"out of\x1b order"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// The first attempt meets no STARTTLS, the second goes on without.
			l := play(t, "* OK [CAPABILITY IMAP4rev1] hi\r\n", "STARTTLS", "TAG BAD what\r\n")
			second := imapScript(t, "3 5", sizes, tt.more...)
			src, err := openCleartext(l, second)
			texts, err := readAll(src, err)
			check(t, texts, err, tt.texts, tt.is, tt.text)
		})
	}
}

// openCleartext logs in where the first connection refuses STARTTLS.
func openCleartext(first, second string) (Source, error) {
	ports := make(chan string, 2)
	ports <- first
	ports <- second
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for port := range ports {
			c, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", "127.0.0.1:"+port)
			if err != nil {
				return
			}
			go func() { io.Copy(to, c); to.Close() }()
			go func() { io.Copy(c, to); c.Close() }()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	src, err := playOpen("imap", port)
	l.Close()
	return src, err
}

func TestConnectErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, scheme := range []string{"imap", "imaps", "pop3", "pop3s"} { // it listens and says nothing
		if _, err := playOpen(scheme, port); !errors.Is(err, ErrTimeout) {
			t.Errorf("%s: a silent server: got %v", scheme, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		if _, err := Open(ctx, scheme+"://bob@127.0.0.1:"+port, Config{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: an impatient caller: got %v", scheme, err)
		}
		cancel()
	}
	l.Close()
	if _, err := playOpen("pop3", port); !errors.Is(err, ErrConnect) || !strings.Contains(err.Error(), "check the port") {
		t.Errorf("nobody there: got %v", err)
	}
}

func FuzzDotReader(f *testing.F) {
	f.Add("a\r\n..b\r\n\r\n.c\n", 1)
	f.Add(".", 70000)
	f.Fuzz(func(t *testing.T, text string, pad int) {
		text = strings.Repeat("x", max(0, pad%200000)) + text
		if !strings.HasSuffix(text, "\n") {
			text += "\r\n"
		}
		lines := strings.SplitAfter(text, "\n")
		for i, ln := range lines {
			if strings.HasPrefix(ln, ".") {
				lines[i] = "." + ln
			}
		}
		r := bufio.NewReaderSize(strings.NewReader(strings.Join(lines, "")+".\r\nrest"), 64<<10)
		d := newDotReader(r)
		if err := iotest.TestReader(d, []byte(text)); err != nil && len(text) < 1000 {
			t.Error(err)
		}
		if d.finish() != nil {
			t.Error("not read to its end")
		}
		if rest, _ := io.ReadAll(r); string(rest) != "rest" {
			t.Errorf("%q is left", rest)
		}
	})
}
