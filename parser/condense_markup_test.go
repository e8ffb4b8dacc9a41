package parser

import (
	"strings"
	"testing"
)

// filtered filters html in pieces of n bytes.
func filtered(html string, n int) string {
	var f markupFilter
	var out []byte
	for len(html) > 0 {
		fresh := len(out)
		out = append(out, html[:min(n, len(html))]...)
		html = html[min(n, len(html)):]
		out = f.filter(out, fresh)
	}
	return string(out)
}

func TestMarkupFilter(t *testing.T) {
	const words = "a &lt;anna@example.com&gt; b"
	tests := []struct{ name, in, want string }{
		{"attributes", "<P Class='x>y' Id=\"a'b\" c=d>" + words + "</P >", "<p>" + words + "</p>"},
		{"apostrophe in a tag", "<p it's>" + words, "<p>" + words},
		{"comments", "<!-- <p> -- > --->" + words + "<!--><b><!---->", words + "<b>"},
		{"declarations", "<!DOCTYPE html><?xml a='>'" + "?>" + words, "'?>" + words},
		{"script and style", "<script a=b>if (x</y) </SCRIPT x>" + words + "<style></styl</style>c", words + "c"},
		{"no tags", "1 < 2 <3 </ > <", "1 < 2 <3 </ > <"},
		{"tag cut off", words + "<p a='", words + "<p"},
		{"tags in a row", strings.Repeat("<div>\n", 100) + words + "<br>", strings.Repeat("<div>\n", tagsInRow) + strings.Repeat("\n", 100-tagsInRow) + words + "<br>"},
		{"a long name", "<abcdefghijklmnopqrstuvwxyz x>" + words, "<abcdefghijklmnop>" + words},
	}
	for _, test := range tests {
		for _, n := range []int{1, 2, 3, 7, 1 << 20} {
			if got := filtered(test.in, n); got != test.want {
				t.Errorf("%s, %d bytes at a time: %q, want %q", test.name, n, got, test.want)
			}
		}
	}
}

// TestLongHTML checks that the words of a page are found however much markup stands
// around them.
func TestLongHTML(t *testing.T) {
	const words = "<p>anna@example.com: no such user</p>"
	for name, in := range map[string]string{
		"nested":   strings.Repeat("<div>", 100000) + words + strings.Repeat("</div>", 100000),
		"style":    "<style>" + strings.Repeat("a{b:c}", 100000) + "</style>" + words,
		"comments": "<!--" + strings.Repeat("x", 1<<20) + "-->" + words + "<!--" + strings.Repeat("\ny", 1<<20),
		"image":    "<img src='data:image/png;base64," + strings.Repeat("A", 1<<20) + "'>" + words + strings.Repeat("<img alt=\"\">\n", 1<<16),
	} {
		doc := read(t, "Subject: x\nContent-Type: text/html\n\n"+in)
		if got := strings.TrimSpace(strings.Join(doc.prose, "\n")); got != "anna@example.com: no such user" || len(doc.problems) > 0 {
			t.Errorf("%s: %d bytes of prose, %.100q, problems %q", name, len(got), got, doc.problems)
		}
	}
}

// FuzzMarkupFilter checks that the pieces in which HTML comes do not matter.
func FuzzMarkupFilter(f *testing.F) {
	f.Add("<p a='x'>b<!-- c --><script>d</script>e<", 3)
	f.Add("<a\n=\"'>'\"><!-></style", 1)
	f.Fuzz(func(t *testing.T, in string, n int) {
		whole := filtered(in, len(in)+1)
		if got := filtered(in, max(n, 1)); got != whole {
			t.Errorf("%q, %d bytes at a time: %q, want %q", in, n, got, whole)
		}
		if len(whole) > len(in) {
			t.Errorf("%q grew to %q", in, whole)
		}
	})
}
