package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// A pop3Source is a mailbox read by POP3. A session sees the mailbox as it was
// at the login; Wait begins another.
type pop3Source struct {
	address
	Config
	wire  *pop3Wire
	caps  map[string]string // of RFC 2449, with their arguments
	list  []pop3Entry
	place map[string]int // of a UIDL in list
	text  *dotReader     // of the message that is being read
}

// A pop3Entry is a message in the session.
type pop3Entry struct {
	number int
	size   int64
	uidl   string
	gone   bool
}

func openPOP3(ctx context.Context, a address, c Config) (Source, error) {
	if len(c.Folders) > 0 {
		return nil, &Error{Source: a.String(), Err: fmt.Errorf("%w: POP3 has no folders", ErrUnsupported)}
	}
	s := &pop3Source{address: a, Config: c}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// begin opens a session.
func (s *pop3Source) begin(ctx context.Context) error {
	under, over, conf, err := s.dial(ctx, s.address)
	if err != nil {
		return err
	}
	s.wire = newPOP3Wire(under, over)
	defer under.wait(ctx)()
	err = s.start(conf)
	if err == nil {
		err = s.logIn(ctx)
	}
	if err == nil {
		err = s.index()
	}
	if err != nil {
		s.wire.over.Close()
		return s.failed(ctx, err)
	}
	return nil
}

// start reads the greeting and makes the connection a secure one.
func (s *pop3Source) start(conf *tls.Config) error {
	if _, err := s.wire.answer(); err != nil {
		return err
	}
	if err := s.ask(); err != nil || s.tls() {
		return err
	}
	if _, ok := s.caps["STLS"]; !ok {
		if s.Cleartext {
			return nil
		}
		return errNoTLS(s.address)
	}
	if _, err := s.wire.command("STLS"); err != nil {
		return err
	}
	if err := s.wire.secure(conf); err != nil {
		return err
	}
	return s.ask() // what was said without encryption does not count (RFC 2595, 4)
}

// ask asks for the capabilities; a server that has none is an old one.
func (s *pop3Source) ask() error {
	s.caps = map[string]string{}
	_, err := s.wire.command("CAPA")
	if errors.As(err, new(*pop3Error)) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.wire.lines(1000, func(ln string) error {
		name, args, _ := strings.Cut(ln, " ")
		s.caps[strings.ToUpper(name)] = strings.ToUpper(args)
		return nil
	})
}

func (s *pop3Source) logIn(ctx context.Context) error {
	offers := func(name string) bool { return strings.Contains(" "+s.caps["SASL"]+" ", " "+name+" ") }
	_, user := s.caps["USER"]
	l, err := s.newLogin(ctx, s.address, offers, user || len(s.caps) == 0)
	if err != nil {
		return err
	}
	if l.client != nil {
		err = s.authenticate(l)
	} else if _, err = s.wire.command("USER " + l.user); err == nil {
		_, err = s.wire.command("PASS " + l.secret)
	}
	var status *pop3Error
	if !errors.As(err, &status) {
		return err
	}
	refused := l.refused(s.address, status.text)
	if code := strings.ToUpper(status.text); strings.HasPrefix(code, "[IN-USE]") || strings.HasPrefix(code, "[SYS/TEMP]") || strings.HasPrefix(code, "[LOGIN-DELAY]") {
		return &Error{Source: refused.Source, Err: fmt.Errorf("%w: for now: %w", ErrRefused, refused.Err), Hint: "try again later"}
	}
	return refused
}

// authenticate logs in by SASL (RFC 5034).
func (s *pop3Source) authenticate(l *login) error {
	name, first, err := l.client.Start()
	if err != nil {
		return err
	}
	command := "AUTH " + name
	if len(first) > 0 && len(first) < 180 { // a command line has 255 bytes
		command += " " + base64.StdEncoding.EncodeToString(first)
		first = nil
	}
	text, err := s.wire.command(command)
	for err == nil && text.more {
		response := first
		if first == nil {
			challenge, e := base64.StdEncoding.DecodeString(text.text)
			if e != nil {
				return fmt.Errorf("a challenge that is not base64: %w", e)
			}
			if response, e = l.client.Next(challenge); e != nil {
				return e
			}
		}
		first = nil
		text, err = s.wire.command(base64.StdEncoding.EncodeToString(response))
	}
	return err
}

// index lists what is there: numbers and sizes, and the names that stay.
func (s *pop3Source) index() error {
	answer, err := s.wire.command("STAT")
	if err != nil {
		return err
	}
	var count int
	if _, err := fmt.Sscan(answer.text, &count); err != nil || count < 0 {
		return fmt.Errorf("an answer to STAT that is none: %s", said(answer.text))
	}
	s.list, s.place = nil, map[string]int{}
	if count == 0 {
		return nil
	}
	if _, err := s.wire.command("UIDL"); errors.As(err, new(*pop3Error)) {
		return &Error{Source: s.Name(), Err: fmt.Errorf("%w: it gives no lasting names (UIDL)", ErrUnsupported), Hint: "read the mailbox by IMAP"}
	} else if err != nil {
		return err
	}
	byNumber := map[int]int{}
	err = s.wire.lines(count, func(ln string) error {
		number, uidl, _ := strings.Cut(ln, " ")
		n, err := strconv.Atoi(number)
		uidl = strings.TrimSpace(uidl)
		if err != nil || uidl == "" {
			return fmt.Errorf("an answer to UIDL that is none: %s", said(ln))
		}
		byNumber[n] = len(s.list)
		s.place[uidl] = len(s.list)
		s.list = append(s.list, pop3Entry{number: n, uidl: uidl})
		return nil
	})
	if err != nil {
		return err
	}
	return s.sizes(count, byNumber)
}

func (s *pop3Source) sizes(count int, byNumber map[int]int) error {
	if _, err := s.wire.command("LIST"); err != nil {
		return err
	}
	return s.wire.lines(count, func(ln string) error {
		number, size, _ := strings.Cut(ln, " ")
		n, err := strconv.Atoi(number)
		if at, ok := byNumber[n]; ok && err == nil {
			s.list[at].size, _ = strconv.ParseInt(strings.TrimSpace(size), 10, 63)
		}
		return nil
	})
}

// failed makes an *Error of what a command ended with; nil stays nil.
func (s *pop3Source) failed(ctx context.Context, err error) error {
	var status *pop3Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &status):
		err = fmt.Errorf("%w: %s", ErrRefused, said(status.text))
	}
	return s.explain(err)
}

// Name is the URL.
func (s *pop3Source) Name() string { return s.address.String() }

// Fetch gives the messages that are not known. Small ones are asked for many
// at a time, where the server can do that, and are in memory when they are given.
func (s *pop3Source) Fetch(ctx context.Context, k Known) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		for at := 0; at < len(s.list); {
			batch, next := s.batch(at, k)
			at = next
			if len(batch) == 0 {
				continue
			}
			more, err := s.fetch(ctx, batch, func(it *Item) bool { return yield(it, nil) })
			if err != nil {
				yield(nil, s.failed(ctx, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// batch collects unknown messages from a place on: several small ones or a large one.
func (s *pop3Source) batch(at int, k Known) (batch []pop3Entry, next int) {
	_, several := s.caps["PIPELINING"]
	size := int64(0)
	for ; at < len(s.list); at++ {
		e := s.list[at]
		if e.gone || k.Has != nil && k.Has(ID{UIDL: e.uidl}) {
			continue
		}
		size += e.size
		if len(batch) > 0 && (!several || size > batchBytes || len(batch) == batchMax) {
			break
		}
		batch = append(batch, e)
		if size > batchBytes {
			return batch, at + 1
		}
	}
	return batch, at
}

// fetch yields the messages of a batch.
func (s *pop3Source) fetch(ctx context.Context, batch []pop3Entry, yield func(*Item) bool) (more bool, err error) {
	defer s.wire.under.wait(ctx)()
	if err := s.text.finish(); err != nil {
		return false, err
	}
	var ask strings.Builder
	for _, e := range batch {
		fmt.Fprintf(&ask, "RETR %d\r\n", e.number)
	}
	if err := s.wire.write(ask.String()); err != nil {
		return false, err
	}
	if len(batch) == 1 {
		return s.stream(batch[0], yield)
	}
	var items []*Item
	for _, e := range batch {
		if _, err := s.wire.answer(); errors.As(err, new(*pop3Error)) {
			continue // it is gone
		} else if err != nil {
			return false, err
		}
		text, err := io.ReadAll(io.LimitReader(newDotReader(s.wire.r), 16*batchBytes))
		if err != nil {
			return false, err
		}
		if len(text) == 16*batchBytes {
			return false, fmt.Errorf("%w: a message is far larger than it said", ErrRefused)
		}
		items = append(items, &Item{ID: ID{UIDL: e.uidl}, Size: int64(len(text)), Reader: bytes.NewReader(text)})
	}
	for _, it := range items {
		if !yield(it) {
			return false, nil
		}
	}
	return true, nil
}

// stream yields a message as it comes in.
func (s *pop3Source) stream(e pop3Entry, yield func(*Item) bool) (more bool, err error) {
	if _, err := s.wire.answer(); errors.As(err, new(*pop3Error)) {
		return true, nil // it is gone
	} else if err != nil {
		return false, err
	}
	s.text = newDotReader(s.wire.r)
	more = yield(&Item{ID: ID{UIDL: e.uidl}, Size: e.size, Reader: s.text})
	return more, s.text.finish()
}

// Seen cannot be said by POP3.
func (s *pop3Source) Seen(context.Context, ...ID) error { return s.unable("mark messages as read") }

// Move cannot be said by POP3.
func (s *pop3Source) Move(context.Context, string, ...ID) error { return s.unable("move messages") }

func (s *pop3Source) unable(what string) error {
	return &Error{Source: s.Name(), Err: fmt.Errorf("%w: POP3 cannot %s", ErrUnsupported, what), Hint: "keep or delete them, or use IMAP"}
}

// Delete marks messages; they are deleted when the session ends well.
func (s *pop3Source) Delete(ctx context.Context, ids ...ID) error {
	defer s.wire.under.wait(ctx)()
	if err := s.text.finish(); err != nil {
		return s.failed(ctx, err)
	}
	for _, id := range ids {
		at, ok := s.place[id.UIDL]
		if !ok || s.list[at].gone {
			continue
		}
		if _, err := s.wire.command(fmt.Sprintf("DELE %d", s.list[at].number)); err != nil {
			return s.failed(ctx, err)
		}
		s.list[at].gone = true
	}
	return nil
}

// Wait ends the session, waits, and begins another.
func (s *pop3Source) Wait(ctx context.Context) error {
	if err := s.Close(); err != nil {
		return err
	}
	if err := pause(ctx, s.Poll); err != nil {
		return err
	}
	return s.begin(ctx)
}

// Close ends the session; only then are messages deleted.
func (s *pop3Source) Close() error {
	if s.wire.closed {
		return nil
	}
	defer s.wire.close()
	defer s.wire.under.wait(context.Background())()
	if err := s.text.finish(); err != nil {
		return s.failed(context.Background(), err)
	}
	_, err := s.wire.command("QUIT")
	return s.failed(context.Background(), err)
}
