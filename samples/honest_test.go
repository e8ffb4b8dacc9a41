package samples_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/whybounce/whybounce/internal/pipeline"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

var (
	charsetName  = regexp.MustCompile(`(?i)charset\s*=\s*"?([\w-]+)|=\?([\w-]+)\?`)
	base64Block  = regexp.MustCompile(`(?m)(?:^[A-Za-z0-9+/]{4,76}={0,2}\r?\n?)+`)
	encodedWord  = regexp.MustCompile(`=\?[\w-]+\?[bBqQ]\?[^?]*\?=`)
	htmlTag      = regexp.MustCompile(`<[/a-zA-Z!][^>]*>`)
	jsonEscape   = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\/`, `/`)
	sameCharsets = map[string]string{"us-ascii": "utf-8", "unknown-8bit": "utf-8"}
)

// withoutSpace drops all white space, so that folded lines compare.
func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// readings gives what a sample holds under each transfer encoding and charset that it
// names. It is simpler than the parser on purpose, and shares nothing with it.
func readings(raw []byte) string {
	forms := [][]byte{raw}
	if text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw))); len(text) > 0 || err == nil {
		forms = append(forms, text)
	}
	for _, block := range base64Block.FindAll(raw, -1) {
		if text, err := base64.StdEncoding.DecodeString(withoutSpace(string(block))); err == nil {
			forms = append(forms, text)
		}
	}
	charsets := map[string]bool{"utf-8": true, "windows-1252": true}
	for _, m := range charsetName.FindAllSubmatch(raw, -1) {
		charsets[strings.ToLower(string(m[1])+string(m[2]))] = true
	}
	var out strings.Builder
	for name := range charsets {
		if other := sameCharsets[name]; other != "" {
			name = other
		}
		encoding, err := htmlindex.Get(name)
		if err != nil {
			continue
		}
		for _, form := range forms {
			text, err := encoding.NewDecoder().Bytes(form)
			if err != nil {
				continue
			}
			for _, s := range []string{string(text), jsonEscape.Replace(string(text)), html.UnescapeString(htmlTag.ReplaceAllString(string(text), " "))} {
				out.WriteString(withoutSpace(s) + "\n")
			}
		}
	}
	words := mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
		encoding, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return encoding.NewDecoder().Reader(in), nil
	}}
	for _, word := range encodedWord.FindAllString(string(raw), -1) {
		if s, err := words.Decode(word); err == nil {
			out.WriteString(withoutSpace(s))
		}
	}
	return out.String()
}

// TestEvidenceStandsInTheMail holds that the words, the status and the reply that a
// row gives stand in the mail, for each row of each sample.
func TestEvidenceStandsInTheMail(t *testing.T) {
	set, err := rules.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	analyser := &pipeline.Analyser{Rules: set, Limits: parser.Limits{}}
	rows := 0
	for _, name := range list(t) {
		raw := read(t, name)
		text := readings(raw)
		for _, r := range analyser.Read(name, bytes.NewReader(raw)).Rows {
			rows++
			for what, s := range map[string]string{"evidence": r.Evidence.Text, "status": r.Status, "reply": r.Reply} {
				if !stands(text, s) {
					t.Errorf("%s: the %s %q of %s does not stand in the mail", name, what, s, r.Recipient)
				}
			}
		}
	}
	if rows < 60 {
		t.Errorf("%d rows; the samples were not read", rows)
	}
}

// stands reports whether the text holds s, or each of its words where a report of
// fields was put together from several.
func stands(text, s string) bool {
	if strings.Contains(text, withoutSpace(s)) {
		return true
	}
	for _, word := range strings.Fields(s) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
