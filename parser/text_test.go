package parser

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func encode(t *testing.T, enc encoding.Encoding, s string) string {
	t.Helper()
	out, err := enc.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCharsets(t *testing.T) {
	const (
		japaneseText = "送信できませんでした。宛先が見つかりません"
		chinese      = "邮件无法投递,收件人不存在"
		traditional  = "郵件無法投遞,收件人不存在"
		koreanText   = "메일을 보낼 수 없습니다. 받는 사람이 없습니다"
		russian      = "Письмо не доставлено: такого получателя нет на сервере"
		german       = "Die Zustellung schlug fehl: Empfänger ungültig, Größe überschritten"
	)
	tests := []struct {
		declared string
		enc      encoding.Encoding
		text     string
	}{
		{"utf-8", encoding.Nop, german},
		{"UTF-8", encoding.Nop, japaneseText},
		{"us-ascii", encoding.Nop, russian},
		{"", encoding.Nop, chinese},
		{"x-nobody-knows", encoding.Nop, chinese},
		{"iso-2022-jp", japanese.ISO2022JP, japaneseText},
		{"", japanese.ISO2022JP, japaneseText},
		{"us-ascii", japanese.ISO2022JP, japaneseText},
		{"utf-8", japanese.ISO2022JP, japaneseText},
		{"shift_jis", japanese.ShiftJIS, japaneseText},
		{"euc-jp", japanese.EUCJP, japaneseText},
		{"utf-8", japanese.ShiftJIS, japaneseText},
		{"gb2312", simplifiedchinese.GBK, chinese},
		{"gb18030", simplifiedchinese.GB18030, chinese},
		{"hz-gb-2312", simplifiedchinese.HZGB2312, chinese},
		{"big5", traditionalchinese.Big5, traditional},
		{"euc-kr", korean.EUCKR, koreanText},
		{"ks_c_5601-1987", korean.EUCKR, koreanText},
		{"koi8-r", charmap.KOI8R, russian},
		{"windows-1251", charmap.Windows1251, russian},
		{"cp1251", charmap.Windows1251, russian},
		{"", charmap.Windows1251, russian},
		{"iso-8859-1", charmap.ISO8859_1, german},
		{"iso8859-15", charmap.ISO8859_15, german},
		{"", charmap.Windows1252, german},
		{"us-ascii", charmap.Windows1252, german},
		{"iso-8859-1", encoding.Nop, german},
		{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), russian},
	}
	for _, test := range tests {
		raw := encode(t, test.enc, test.text)
		if test.enc == simplifiedchinese.HZGB2312 {
			raw += "~}" // the encoder leaves the text shifted
		}
		mail := "Subject: x\nContent-Type: text/plain; charset=\"" + test.declared + "\"\n"
		encoded := mail + "Content-Transfer-Encoding: base64\n\n" + wrap(base64.StdEncoding.EncodeToString([]byte(raw+"\n")))
		if test.declared == "utf-16le" {
			encoded = mail + "Content-Transfer-Encoding: base64\n\n" + wrap(base64.StdEncoding.EncodeToString([]byte(raw)))
		} else if got := read(t, mail+"\n"+raw+"\n").prose; !slices.Equal(got, []string{test.text}) {
			t.Errorf("%q: prose %q, want %q", test.declared, got, test.text)
		}
		if got := read(t, encoded).prose; !slices.Equal(got, []string{test.text}) {
			t.Errorf("%q in base64: prose %q, want %q", test.declared, got, test.text)
		}
		header := "Subject: =?" + test.declared + "?B?" + base64.StdEncoding.EncodeToString([]byte(raw)) + "?=\n\nx\n"
		if got := read(t, header).header.get("Subject"); test.declared != "" && got != test.text {
			t.Errorf("%q: subject %q, want %q", test.declared, got, test.text)
		}
	}
}

func wrap(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\n"
}

func TestISO2022KR(t *testing.T) {
	euc := encode(t, korean.EUCKR, "메일")
	shifted := "\x1b$)C\n\x0e" + strings.Map(func(r rune) rune { return r &^ 0x80 }, latin1(euc)) + "\x0f ok\n"
	doc := read(t, "Content-Type: text/plain; charset=iso-2022-kr\n\n"+shifted)
	if !slices.Contains(doc.prose, "메일 ok") {
		t.Errorf("prose %q", doc.prose)
	}
}

// latin1 makes a rune of every byte.
func latin1(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

func TestUTF7(t *testing.T) {
	for _, name := range []string{"utf-7", "unicode-1-1-utf-7"} {
		doc := read(t, "Subject: =?"+name+"?Q?Gr+APwA3w-e?=\nContent-Type: text/plain; charset="+name+"\n\nEmpf+AOQ-nger unbekannt\n")
		if !slices.Equal(doc.prose, []string{"Empfänger unbekannt"}) || doc.header.get("Subject") != "Grüße" {
			t.Errorf("%s: prose %q, subject %q", name, doc.prose, doc.header.get("Subject"))
		}
	}
}

func TestDecodeHeader(t *testing.T) {
	jis := base64.StdEncoding.EncodeToString([]byte("\x1b$B$3$s$K$A$O\x1b(B"))
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"=?utf-8?Q?Zur=C3=BCck?=", "Zurück"},
		{"=?utf-8?q?a_b?= =?utf-8?q?c?=", "a bc"},
		{"a =?utf-8?q?b?= c", "a b c"},
		{"=?utf-8?B?w6Q=?= =?iso-8859-1?Q?=F6?=", "äö"},
		{"=?UTF-8?B?5L?= =?UTF-8?B?2g?=", "你"[:0] + "\uFFFD"},
		{"=?utf-8?Q?=E4=BD?= =?utf-8?Q?=A0?=", "你"},
		{"=?iso-2022-jp?B?" + jis + "?=", "こんにちは"},
		{"=?utf-8*de?Q?=C3=A4?=", "ä"},
		{"=?utf-8?Q?open end", "open end"},
		{"=?utf-8?Q?a b?=", "a b"},
		{"=?utf-8?X?a?=", "=?utf-8?X?a?="},
		{"=?", "=?"},
		{"=? ?Q?a?=", "=? ?Q?a?="},
		{"Zur\xfcck", "Zurück"},
		{"Zurück", "Zurück"},
		{"\x1b$B$3$s$K$A$O\x1b(B", "こんにちは"},
		{"=?utf-8?Q?a=0D=0AX:_b?=", "a  X: b"},
	}
	for _, test := range tests {
		if got := decodeHeader(test.in); got != test.want && !strings.Contains(test.want, "\uFFFD") {
			t.Errorf("decodeHeader(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestQuotedPrintable(t *testing.T) {
	mail := "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: Quoted-Printable\n\n" +
		"soft =\nbreak =3D equals=20\nbad =ZZ and =\tend =C3=A4 =\n"
	want := []string{"soft break = equals", "bad =ZZ and =\tend ä"}
	if got := read(t, mail).prose; !slices.Equal(got, want) {
		t.Errorf("prose %q, want %q", got, want)
	}
	long := "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=41", 30000) + "\n"
	if got := read(t, long).prose; len(got) != 1 || got[0] != strings.Repeat("A", 30000) {
		t.Errorf("long line: %d lines", len(got))
	}
}

func TestBase64(t *testing.T) {
	text := strings.Repeat("The mailbox is full. ", 20)
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	const head = "Content-Transfer-Encoding: base64\n\n"
	want := strings.TrimSpace(text)
	for name, body := range map[string]string{
		"wrapped":    wrap(encoded),
		"one line":   encoded,
		"no padding": strings.TrimRight(encoded, "=") + "\n",
		"stray line": "this is no base64 line\n" + wrap(encoded),
		"NUL":        "\x00\n" + wrap(encoded),
		"footer":     wrap(encoded) + "-- \nSent by a list!\n",
		"blanks":     "\n  \n" + strings.ReplaceAll(wrap(encoded), "\r\n", " \n\n"),
	} {
		if got := read(t, head+body).prose; len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: prose %q", name, got)
		}
	}
	for _, body := range []string{"Sorry.\nNo such user here.\n", "550 5.1.1 unknown\n", "Hi\n", "- - -\nabc\n"} {
		if got := strings.Join(read(t, head+body).prose, "\n") + "\n"; got != body {
			t.Errorf("plain text %q read as %q", body, got)
		}
	}
}

func TestHTML(t *testing.T) {
	tests := []struct{ in, want string }{
		{"a<br>b<br/>c", "a\nb\nc"},
		{"<p>one</p><p>two  \n words</p>", "one\n\ntwo words"},
		{"<div>a</div><div>b</div>", "a\nb"},
		{"<table><tr><td>To:</td><td>anna@example.com</td></tr><tr><td>x</td></tr></table>", "To: anna@example.com\nx"},
		{"<style>p{}</style><script>if (a<b) x</script>&lt;anna&#64;example.com&gt;&nbsp;&amp;", "<anna@example.com> &"},
		{"<title>no</title><b>bo</b>ld", "bold"},
		{"<pre>a\n  b</pre>c", "a\n  b\nc"},
		{"<a href='x'>unclosed", "unclosed"},
		{"a <!-- comment --> b", "a b"},
		{strings.Repeat("<div>", 100000) + "deep", "deep"},
		{"<ul><li>1<li>2</ul>", "1\n2"},
		{"x<", "x<"},
	}
	for _, test := range tests {
		if got := strings.TrimSpace(htmlText([]byte(test.in))); got != test.want {
			t.Errorf("htmlText(%.60q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestChooseText(t *testing.T) {
	html := "<html><body><p>The message could not be delivered to</p><p>anna@example.com: " + strings.Repeat("mailbox full ", 30) + "</p></body></html>"
	const plain = "The message could not be delivered: anna@example.com, mailbox full."
	parts := func(kind string, texts ...string) string {
		mail := "Content-Type: multipart/" + kind + "; boundary=x\n\n"
		for _, s := range texts {
			media := "text/plain"
			if strings.HasPrefix(s, "<") {
				media = "text/html"
			}
			mail += "--x\nContent-Type: " + media + "\n\n" + s + "\n"
		}
		return mail + "--x--\n"
	}
	const first = "The message could not be delivered to"
	tests := []struct {
		name, mail, first string
		lines             int
	}{
		{"HTML only", "Content-Type: text/html\n\n" + html, first, 3},
		{"plain wins", parts("alternative", strings.Repeat(plain+" ", 5), html), strings.TrimSpace(strings.Repeat(plain+" ", 5)), 1},
		{"empty plain", parts("alternative", "", html), first, 3},
		{"plain that says nothing", parts("alternative", "See the HTML.", html), first, 3},
		{"plain first", parts("mixed", plain, html), plain, 1},
		{"HTML first", parts("mixed", html, plain), first, 5},
	}
	for _, test := range tests {
		got := read(t, test.mail).prose
		if len(got) != test.lines || got[0] != test.first {
			t.Errorf("%s: %d lines, prose %q", test.name, len(got), got)
		}
	}
}

func TestContentType(t *testing.T) {
	tests := []struct {
		in   string
		want contentType
	}{
		{"text/plain", contentType{media: "text/plain"}},
		{"TEXT/Plain; Charset=UTF-8; x", contentType{media: "text/plain", charset: "UTF-8"}},
		{"text/plain charset=utf-8", contentType{media: "text/plain", charset: "utf-8"}},
		{`multipart/report; report-type="Delivery-Status"; boundary="a;b\"c"`, contentType{media: "multipart/report", report: "delivery-status", boundary: `a;b"c`}},
		{"multipart/mixed; boundary = abc (comment; boundary=no)", contentType{media: "multipart/mixed", boundary: "abc"}},
		{"multipart/mixed;; boundary=\"abc", contentType{media: "multipart/mixed", boundary: "abc"}},
		{"multipart/mixed; boundary*0*=us-ascii'en'a%20; boundary*1=b", contentType{media: "multipart/mixed", boundary: "a b"}},
		{"text", contentType{media: "text/plain"}},
		{"", contentType{}},
		{"/;=;\"", contentType{}},
		{"nonsense", contentType{}},
	}
	for _, test := range tests {
		if got := parseContentType([]byte(test.in)); got != test.want {
			t.Errorf("parseContentType(%q) = %+v, want %+v", test.in, got, test.want)
		}
	}
}

// TestOddTypes checks that text is found in a message whose type is no text.
func TestOddTypes(t *testing.T) {
	for _, media := range []string{"plain/text", "application/text", "application/octet-stream", "text/x-odd", "message/odd", "nonsense", "TEXT"} {
		if got := read(t, "From: a@example.com\nContent-Type: "+media+"\n\nNo such user.\n").prose; !slices.Equal(got, []string{"No such user."}) {
			t.Errorf("%s: prose %q", media, got)
		}
	}
	mixed := "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nNo such user.\n--b\nContent-Type: application/x-log\n\nlog\n--b--\n"
	if got := read(t, mixed).prose; !slices.Equal(got, []string{"No such user."}) {
		t.Errorf("text beside an attachment: prose %q", got)
	}
}

// FuzzText decodes any bytes in any charset: the result is UTF-8 without NUL, and
// the same every time.
func FuzzText(f *testing.F) {
	f.Add([]byte("Gr\xfc\xdfe"), "", false)
	f.Add([]byte("\x1b$B$3$s\x1b(B"), "iso-2022-jp", false)
	f.Add([]byte("\x1b$)C\x0e$3$s\x0f"), "iso-2022-kr", false)
	f.Add([]byte("Gr+APwA3w-e"), "utf-7", false)
	f.Add([]byte("<meta charset=koi8-r>\xf0\xc9\xd3\xd8\xcd\xcf \xce\xc5 \xc4\xcf\xd3\xd4\xc1\xd7\xcc\xc5\xce\xcf"), "", true)
	f.Add([]byte("\x81\x30\x81\x30\x95\x32"), "gb18030", false)
	f.Fuzz(func(t *testing.T, b []byte, charset string, html bool) {
		text, problem := decodeText(b, charset, html)
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Errorf("text %q", text)
		}
		if again, _ := decodeText(b, charset, html); again != text {
			t.Errorf("text %q, then %q", text, again)
		}
		if strings.ContainsFunc(problem, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			t.Errorf("problem %q", problem)
		}
		if header := decodeHeader(string(b)); strings.Contains(header, "\x00") {
			t.Errorf("header %q", header)
		}
		htmlText([]byte(text))
	})
}
