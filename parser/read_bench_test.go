package parser

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-message"
)

func sampleMails(b *testing.B) (mails [][]byte) {
	b.Helper()
	names, err := filepath.Glob("../samples/*/*.eml")
	if err != nil || len(names) == 0 {
		b.Fatalf("no samples: %v", err)
	}
	size := int64(0)
	for _, name := range names {
		mail, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		mails = append(mails, mail)
		size += int64(len(mail))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	return mails
}

// BenchmarkReadDocument reads all samples. Compare it with BenchmarkWalk.
func BenchmarkReadDocument(b *testing.B) {
	mails := sampleMails(b)
	for b.Loop() {
		for _, mail := range mails {
			if _, err := readDocument(bytes.NewReader(mail), Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCondense condenses all samples.
func BenchmarkCondense(b *testing.B) {
	mails := sampleMails(b)
	limits := Limits{}.withDefaults()
	for b.Loop() {
		for _, mail := range mails {
			c := condense(bytes.NewReader(mail), limits)
			c.run()
			c.release()
		}
	}
}

// BenchmarkWalk lets go-message walk all samples, bodies discarded: the floor.
func BenchmarkWalk(b *testing.B) {
	mails := sampleMails(b)
	discard := func(_ []int, e *message.Entity, _ error) error {
		if e.MultipartReader() == nil {
			io.Copy(io.Discard, e.Body)
		}
		return nil
	}
	for b.Loop() {
		for _, mail := range mails {
			if e, err := message.Read(bytes.NewReader(mail)); err == nil || message.IsUnknownCharset(err) {
				e.Walk(discard)
			}
		}
	}
}
