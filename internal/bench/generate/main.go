// Command generate writes mail to measure with, made of samples/: an mbox of a
// given size, a Maildir of many small files, or one very large message.
//
//	go run ./internal/bench/generate -mb 100 mbox      > big.mbox
//	go run ./internal/bench/generate -mb 1000 message  > big.eml
//	go run ./internal/bench/generate -mb 100 text      > text.eml
//	go run ./internal/bench/generate -n 100000 -dir DIR maildir
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	mb := flag.Int64("mb", 100, "size in megabytes (10^6 bytes)")
	n := flag.Int("n", 100_000, "number of files")
	dir := flag.String("dir", "", "where to make the Maildir")
	samples := flag.String("samples", "samples", "the folder of the samples")
	flag.Parse()
	if err := run(flag.Arg(0), *mb*1_000_000, *n, *dir, *samples); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(what string, size int64, n int, dir, samples string) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	var err error
	switch what {
	case "mbox":
		err = mbox(out, size, samples)
	case "message":
		err = message(out, size, "application/octet-stream", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5\n")
	case "text":
		err = message(out, size, "text/plain", "The crocuses are out, and 550 more of them will follow: user unknown.\n")
	case "maildir":
		err = maildir(dir, n, samples)
	default:
		return fmt.Errorf("say what to make: mbox, message, text or maildir")
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// mbox repeats bounces.mbox until size is reached.
func mbox(w io.Writer, size int64, samples string) error {
	raw, err := os.ReadFile(filepath.Join(samples, "bounces.mbox"))
	if err != nil {
		return err
	}
	for done := int64(0); done < size; done += int64(len(raw)) {
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}

// message is a bounce that returns a message with a part of the given size.
func message(w io.Writer, size int64, contentType, line string) error {
	_, err := fmt.Fprintf(w, `From: MAILER-DAEMON@mx.example.com
To: bounces@example.com
Subject: Undelivered Mail Returned to Sender
Date: Tue, 3 Mar 2026 09:15:02 +0100
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; neko@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <neko@example.org>: User unknown

--b
Content-Type: message/rfc822

From: news@example.com
To: neko@example.org
Subject: large
Message-ID: <large@example.com>
MIME-Version: 1.0
Content-Type: %s

`, contentType)
	lines := strings.Repeat(line, 1000)
	for done := int64(0); done < size && err == nil; done += int64(len(lines)) {
		_, err = io.WriteString(w, lines)
	}
	if err == nil {
		_, err = io.WriteString(w, "--b--\n")
	}
	return err
}

// maildir writes n files into dir/new, the samples in turn.
func maildir(dir string, n int, samples string) error {
	var all [][]byte
	err := filepath.WalkDir(samples, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".eml" {
			return err
		}
		raw, err := os.ReadFile(path)
		all = append(all, bytes.Clone(raw))
		return err
	})
	if err != nil {
		return err
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	for i := range n {
		name := filepath.Join(dir, "new", fmt.Sprintf("1772525702.M%dP1.mx.example.com", i))
		if err := os.WriteFile(name, all[i%len(all)], 0o644); err != nil {
			return err
		}
	}
	return nil
}
