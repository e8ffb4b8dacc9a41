// Package bench measures what the analysis costs beside reading the mail at all.
package bench

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"

	"github.com/whybounce/whybounce/internal/mailbox"
	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

const samples = "../../samples/bounces.mbox"

// messages are the messages of samples/bounces.mbox.
func messages(tb testing.TB) (list [][]byte, size int64) {
	tb.Helper()
	for m, err := range mailbox.Open(samples, mailbox.Options{}) {
		if err != nil {
			tb.Fatal(err)
		}
		b, err := io.ReadAll(m)
		if err != nil {
			tb.Fatal(err)
		}
		list, size = append(list, b), size+int64(len(b))
	}
	return list, size
}

// walkReader reads a message with go-message alone: every part, bodies discarded.
func walkReader(r io.Reader) {
	e, err := message.Read(r)
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return
	}
	_ = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err == nil && part.MultipartReader() == nil {
			_, _ = io.Copy(io.Discard, part.Body)
		}
		return nil
	})
}

func benchmark(b *testing.B, read func(raw []byte)) {
	list, size := messages(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range list {
			read(m)
		}
	}
}

// BenchmarkWalk is the floor: go-message alone.
func BenchmarkWalk(b *testing.B) {
	benchmark(b, func(raw []byte) { walkReader(bytes.NewReader(raw)) })
}

// BenchmarkParse reads and understands, without the rules.
func BenchmarkParse(b *testing.B) {
	benchmark(b, func(raw []byte) { _, _ = parser.Read(bytes.NewReader(raw), parser.Limits{}) })
}

// BenchmarkReport is all of it on one worker, from the mbox to JSONL.
func BenchmarkReport(b *testing.B) {
	set, err := rules.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	const size = 4_000_000
	mbox := filepath.Join(b.TempDir(), "mbox")
	repeat(b, mbox, size)
	b.SetBytes(size)
	b.ReportAllocs()
	var line []byte
	for b.Loop() {
		all := mailbox.Open(mbox, mailbox.Options{})
		for r := range pipeline.Run(context.Background(), all, &pipeline.Analyser{Rules: set}, pipeline.Options{Workers: 1}) {
			for i := range r.Rows {
				line = r.Rows[i].AppendJSON(line[:0])
			}
		}
	}
}
