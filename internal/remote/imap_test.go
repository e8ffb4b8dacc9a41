//go:build unix

package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// files gives what a folder of the user holds: the flags of each message, "-" for none.
func (s *server) files(t *testing.T, folder string) string {
	t.Helper()
	var all []string
	for _, part := range []string{"new", "cur"} {
		list, err := os.ReadDir(filepath.Join(s.box(t, folder), part))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			_, flags, _ := strings.Cut(e.Name(), ":2,")
			all = append(all, cmp.Or(flags, "-"))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func deliverMany(t *testing.T, s *server, folder string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		s.deliver(t, folder, mail(n))
	}
}

func TestIMAPReadsWhatIsNew(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	deliverMany(t, s, "", 1, 3)
	src := open(t, s, "imaps", "", Config{})
	ids, texts := fetch(t, src, Known{})
	wantMail(t, texts, 1, 2, 3)
	if ids[0].Folder != "INBOX" || ids[0].UID != 1 || ids[0].Validity == 0 || ids[0].String() != fmt.Sprintf("INBOX;UIDVALIDITY=%d;UID=1", ids[0].Validity) {
		t.Errorf("got ID %v", ids[0])
	}
	if got := s.files(t, ""); got != "- - -" {
		t.Errorf("reading left a mark: %s", got)
	}
	deliverMany(t, s, "", 4, 4)
	k := Known{Marks: map[string]Mark{"INBOX": {ids[0].Validity, 2}}, Has: func(id ID) bool { return id.UID == 3 }}
	_, texts = fetch(t, src, k)
	wantMail(t, texts, 4)
	var noted Mark
	k.Note = func(_ string, m Mark) { noted = m }
	k.Marks["INBOX"] = Mark{ids[0].Validity + 1, 100} // of another life of the folder
	k.Has = nil
	_, texts = fetch(t, src, k)
	wantMail(t, texts, 1, 2, 3, 4)
	if noted != (Mark{Validity: ids[0].Validity}) {
		t.Errorf("noted %v", noted)
	}
}

func TestIMAPFolders(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	s.deliver(t, "", mail(1))
	s.deliver(t, "Lists.bounces", mail(2))
	s.deliver(t, "Für", mail(3)) // the server knows this name in its own encoding
	if err := os.Rename(s.box(t, "Für"), filepath.Join(filepath.Dir(s.box(t, "Für")), ".F&APw-r")); err != nil {
		t.Fatal(err)
	}
	src := open(t, s, "imaps", "Lists/bounces", Config{Folders: []string{"nowhere", "INBOX", "Für", "INBOX"}})
	var texts []string
	var errs []error
	for it, err := range src.Fetch(context.Background(), Known{}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b, _ := io.ReadAll(it)
		texts = append(texts, it.ID.Folder+" "+strings.TrimSpace(string(b[len(b)-3:])))
	}
	if want := []string{"Lists/bounces 2", "INBOX 1", "Für 3"}; !slices.Equal(texts, want) {
		t.Errorf("got %q, want %q", texts, want)
	}
	if len(errs) != 1 || !errors.Is(errs[0], ErrFolder) || !strings.Contains(errs[0].Error(), ", folder nowhere: there is no such folder") {
		t.Errorf("got %v", errs)
	}
}

func TestIMAPAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		after, inbox, done string
	}{
		{"keep", "- - - -", ""},
		{"seen", "- - S S", ""},
		{"move=Done", "- -", "- -"},
		{"delete", "- -", ""},
	} {
		for _, caps := range []string{"", "imap_capability = IMAP4rev1 UIDPLUS AUTH=PLAIN\n"} {
			t.Run(tt.after+caps, func(t *testing.T) {
				s := startDovecot(t, caps)
				deliverMany(t, s, "", 1, 4)
				s.box(t, "Done")
				src := open(t, s, "imaps", "", Config{})
				after, err := ParseAfter(tt.after)
				if err != nil {
					t.Fatal(err)
				}
				ids, _ := fetch(t, src, Known{})
				if err := after.Apply(context.Background(), src, ids[2], ids[1]); err != nil {
					t.Fatal(err)
				}
				if err := after.Apply(context.Background(), src, ids[1]); err != nil {
					t.Errorf("once more: %v", err)
				}
				if err := src.Close(); err != nil {
					t.Fatal(err)
				}
				if got := s.files(t, ""); got != tt.inbox {
					t.Errorf("INBOX holds %q, want %q", got, tt.inbox)
				}
				if got := s.files(t, "Done"); got != tt.done {
					t.Errorf("Done holds %q, want %q", got, tt.done)
				}
			})
		}
	}
}

// Without UIDPLUS nothing is expunged: it would take others' deleted messages too.
func TestIMAPNeverExpungesOthers(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "imap_capability = IMAP4rev1 AUTH=PLAIN\n")
	deliverMany(t, s, "", 1, 2)
	s.box(t, "Done")
	src := open(t, s, "imaps", "", Config{})
	ids, _ := fetch(t, src, Known{})
	if err := src.Move(context.Background(), "Done", ids[0]); !errors.Is(err, ErrUnsupported) {
		t.Errorf("move: got %v", err)
	}
	if err := src.Delete(context.Background(), ids[0]); err != nil {
		t.Errorf("delete: %v", err)
	}
	src.Close()
	if got := s.files(t, ""); got != "- T" {
		t.Errorf("INBOX holds %q", got)
	}
}

func TestIMAPMoveNowhere(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	s.deliver(t, "", mail(1))
	src := open(t, s, "imaps", "", Config{})
	ids, _ := fetch(t, src, Known{})
	err := src.Move(context.Background(), "Nowhere", ids...)
	if !errors.Is(err, ErrFolder) || !strings.Contains(err.Error(), "folder Nowhere: there is no such folder; create it first") {
		t.Errorf("got %v", err)
	}
	if got := s.files(t, ""); got != "-" {
		t.Errorf("INBOX holds %q", got)
	}
}

// A folder that was made anew: everything is new, and old names touch nothing.
func TestIMAPValidityChanges(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	deliverMany(t, s, "Box", 1, 3)
	src := open(t, s, "imaps", "Box", Config{})
	ids, _ := fetch(t, src, Known{})
	src.Close()
	if err := os.RemoveAll(s.box(t, "Box")); err != nil {
		t.Fatal(err)
	}
	deliverMany(t, s, "Box", 4, 5)
	uidlist := filepath.Join(s.box(t, "Box"), "dovecot-uidlist")
	s.put(t, uidlist, fmt.Sprintf("3 V%d N1 G%032x\n", ids[0].Validity+7, 1))
	src = open(t, s, "imaps", "Box", Config{})
	last := ids[2]
	again, texts := fetch(t, src, Known{Marks: map[string]Mark{"Box": {last.Validity, last.UID}}})
	wantMail(t, texts, 4, 5)
	if again[0].Validity == ids[0].Validity {
		t.Fatalf("UIDVALIDITY is still %d", again[0].Validity)
	}
	for _, do := range []string{"seen", "delete", "move=INBOX"} {
		after, _ := ParseAfter(do)
		if err := after.Apply(context.Background(), src, ids[0]); !errors.Is(err, ErrValidity) {
			t.Errorf("%s: got %v", do, err)
		}
	}
	if got := s.files(t, "Box"); got != "- -" {
		t.Errorf("the folder holds %q", got)
	}
}

// Messages that another program expunges while we read are passed over.
func TestIMAPExpungedInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"by another session", "from the disk"} {
		t.Run(how, func(t *testing.T) {
			s := startDovecot(t, "")
			big := mail(0) + strings.Repeat("0123456789abcdef\r\n", batchBytes/16)
			s.deliver(t, "", big)
			deliverMany(t, s, "", 1, 3)
			s.deliver(t, "", big)
			deliverMany(t, s, "", 4, 6)
			src := open(t, s, "imaps", "", Config{})
			other := open(t, s, "imaps", "", Config{})
			ids, _ := fetch(t, other, Known{})
			var got []uint32
			for it, err := range src.Fetch(context.Background(), Known{}) {
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, it); err != nil {
					t.Fatal(err)
				}
				got = append(got, it.ID.UID)
				if it.ID.UID != 1 {
					continue
				}
				if how == "by another session" {
					err = other.Delete(context.Background(), ids[1], ids[4], ids[6])
				} else {
					err = s.remove(t, 2, 5, 7)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if want := []uint32{1, 3, 4, 6, 8}; !slices.Equal(got, want) {
				t.Errorf("got UIDs %v, want %v", got, want)
			}
		})
	}
}

// remove takes away the files of messages, by their place in order of delivery.
func (s *server) remove(t *testing.T, places ...int) error {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.box(t, ""), "[nc]*[wr]", "*.host*"))
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(filepath.Base(a), filepath.Base(b)) })
	for _, p := range places {
		if err := os.Remove(files[p-1]); err != nil {
			return err
		}
	}
	return nil
}

// A large message is streamed, and the connection can be used in the middle of it.
func TestIMAPLargeMessage(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	big := mail(0) + strings.Repeat("0123456789abcdef\r\n", 4*batchBytes/16)
	s.deliver(t, "", mail(1))
	s.deliver(t, "", big)
	s.deliver(t, "", mail(2))
	src := open(t, s, "imaps", "", Config{})
	sizes := []int64{}
	for it, err := range src.Fetch(context.Background(), Known{}) {
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, it)
		if err != nil || n != it.Size {
			t.Errorf("read %d bytes of %d, %v", n, it.Size, err)
		}
		sizes = append(sizes, n)
	}
	if want := []int64{int64(len(mail(1))), int64(len(big)), int64(len(mail(2)))}; !slices.Equal(sizes, want) {
		t.Errorf("got %v, want %v", sizes, want)
	}
	var ids []ID
	for it, err := range src.Fetch(context.Background(), Known{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, it.ID)
		if err := src.Seen(context.Background(), ids...); err != nil {
			t.Fatal(err)
		}
		if _, err := it.Read(make([]byte, 1)); err == nil && it.Size > batchBytes {
			t.Error("what was left of a large message can still be read")
		}
	}
	if got := s.files(t, ""); got != "S S S" {
		t.Errorf("INBOX holds %q", got)
	}
	for range src.Fetch(context.Background(), Known{}) {
		break // in the middle of things
	}
	if ids, _ := fetch(t, src, Known{}); len(ids) != 3 {
		t.Errorf("after a break: %d messages", len(ids))
	}
}

func TestIMAPMany(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	n := 2*setMax + 7
	deliverMany(t, s, "", 1, n)
	src := open(t, s, "imaps", "", Config{})
	ids, texts := fetch(t, src, Known{})
	if len(texts) != n {
		t.Fatalf("got %d messages", len(texts))
	}
	for i := range texts {
		if texts[i] != strings.ReplaceAll(mail(i+1), "\r\n", "\n") || ids[i].UID != uint32(i+1) {
			t.Fatalf("message %d is %q", i+1, texts[i])
		}
	}
	if err := src.Delete(context.Background(), ids[1:]...); err != nil {
		t.Fatal(err)
	}
	if got := s.files(t, ""); got != "-" {
		t.Errorf("INBOX holds %q", got)
	}
}

func TestIMAPIdle(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	s.deliver(t, "", mail(1))
	src := open(t, s, "imaps", "", Config{Timeout: 2 * time.Second})
	ids, _ := fetch(t, src, Known{})
	mark := Known{Marks: map[string]Mark{"INBOX": {ids[0].Validity, ids[0].UID}}}
	time.AfterFunc(3*time.Second, func() { s.deliver(t, "", mail(2)) }) // longer than the timeout
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := src.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	_, texts := fetch(t, src, mark)
	wantMail(t, texts, 2)
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	for src.Wait(short) == nil {
		continue // what came in before may be told once more
	}
	if !errors.Is(short.Err(), context.DeadlineExceeded) {
		t.Errorf("ended with %v", short.Err())
	}
	if ids, _ := fetch(t, src, Known{}); len(ids) != 2 {
		t.Errorf("after waiting in vain: %d messages", len(ids))
	}
}

// A folder that vanishes under an open session.
func TestIMAPFolderVanishes(t *testing.T) {
	t.Parallel()
	s := startDovecot(t, "")
	s.deliver(t, "Box", mail(1))
	src := open(t, s, "imaps", "Box", Config{})
	ids, _ := fetch(t, src, Known{})
	if err := os.RemoveAll(s.box(t, "Box")); err != nil {
		t.Fatal(err)
	}
	var got error
	for _, err := range src.Fetch(context.Background(), Known{}) {
		got = err
	}
	if !errors.Is(got, ErrFolder) {
		t.Errorf("fetch: got %v", got)
	}
	if err := src.Delete(context.Background(), ids...); !errors.Is(err, ErrFolder) && !errors.Is(err, ErrLost) {
		t.Errorf("delete: got %v", err)
	}
}
