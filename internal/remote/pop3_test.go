//go:build unix

package remote

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPOP3(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	big := mail(0) + strings.Repeat(".0123456789abcde\r\n", 2*batchBytes/16) + ".\r\n..\r\n"
	deliverMany(t, s, "", 1, 2)
	s.deliver(t, "", big)
	deliverMany(t, s, "", 3, 4)
	src := open(t, s, "pop3s", "", Config{})
	ids, texts := fetch(t, src, Known{})
	if len(texts) != 5 || texts[2] != strings.ReplaceAll(big, "\r\n", "\n") {
		t.Fatalf("got %d messages", len(texts))
	}
	wantMail(t, slices.Delete(texts, 2, 3), 1, 2, 3, 4)
	if ids[0].UIDL == "" || ids[0].String() != "UIDL="+ids[0].UIDL {
		t.Errorf("got ID %v", ids[0])
	}
	has := func(id ID) bool { return id == ids[0] || id == ids[3] }
	again, _ := fetch(t, src, Known{Has: has})
	if want := []ID{ids[1], ids[2], ids[4]}; !slices.Equal(again, want) {
		t.Errorf("got %v, want %v", again, want)
	}
	for it := range src.Fetch(context.Background(), Known{Has: has}) { // in the middle of things
		if it.ID == ids[2] {
			if err := src.Delete(context.Background(), ids[0], ids[2]); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(it); err == nil {
				t.Error("what was left of a large message can still be read")
			}
		}
	}
	if err := src.Delete(context.Background(), ids[0], ID{UIDL: "gone long ago"}); err != nil {
		t.Error(err)
	}
	if got := s.files(t, ""); strings.Count(got, "-")+strings.Count(got, "S") != 5 {
		t.Errorf("before the end the mailbox holds %q", got)
	}
	if err := src.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := fetch(t, open(t, s, "pop3", "", Config{}), Known{}); !slices.Equal(left, []ID{ids[1], ids[3], ids[4]}) {
		t.Errorf("left are %v of %v", left, ids)
	}
}

func TestPOP3Wait(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	src := open(t, s, "pop3s", "", Config{Poll: 200 * time.Millisecond})
	if ids, _ := fetch(t, src, Known{}); len(ids) != 0 {
		t.Errorf("an empty mailbox gives %v", ids)
	}
	s.deliver(t, "", mail(1))
	if err := src.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	ids, texts := fetch(t, src, Known{})
	wantMail(t, texts, 1)
	if err := src.Delete(context.Background(), ids...); err != nil {
		t.Fatal(err)
	}
	if err := src.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	if ids, _ := fetch(t, src, Known{}); len(ids) != 0 || s.files(t, "") != "" {
		t.Errorf("a deleted message is still there: %v", ids)
	}
}

func TestPOP3CannotMove(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	src := open(t, s, "pop3s", "", Config{})
	for _, err := range []error{src.Seen(context.Background(), ID{}), src.Move(context.Background(), "x", ID{})} {
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "keep or delete them, or use IMAP") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := s.open(t, "pop3s", "", Config{Folders: []string{"x"}}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("folders: got %v", err)
	}
}
