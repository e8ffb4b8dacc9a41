package subscribers

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func goneAt(address string) (bool, []string, error) {
	if address == "error@example.org" {
		return false, nil, errors.New("no answer")
	}
	return strings.HasPrefix(address, "gone"), []string{"unknown-user", `because, "so"`}, nil
}

func clean(in, column string) (kept, removed string, err error) {
	var k, r bytes.Buffer
	_, err = Clean(strings.NewReader(in), &k, &r, Options{Column: column, Notes: []string{"removed_cause", "removed_why"}}, goneAt)
	return k.String(), r.String(), err
}

func TestClean(t *testing.T) {
	tests := []struct{ name, in, kept, removed string }{
		{"plain", "email,name\na@example.org,A\ngone@example.org,G\nb@example.org,B\n", "email,name\na@example.org,A\nb@example.org,B\n",
			"email,name,removed_cause,removed_why\ngone@example.org,G,unknown-user,\"because, \"\"so\"\"\"\n"},
		{"semicolons, CRLF and BOM", "\ufeffname;Email\r\nA;a@example.org\r\n\"G;1\";gone@example.org\r\nB;b@example.org", "\ufeffname;Email\r\nA;a@example.org\r\nB;b@example.org",
			"\ufeffname;Email;removed_cause;removed_why\r\n\"G;1\";gone@example.org;unknown-user;\"because, \"\"so\"\"\"\r\n"},
		{"tabs", "id\temail\n1\tgone@example.org\n2\tb@example.org\n", "id\temail\n2\tb@example.org\n", ""},
		{"bars", "id|email\n1|gone@example.org\n", "id|email\n", ""},
		{"one column", "email\ngone@example.org\n\nb@example.org\n", "email\n\nb@example.org\n", ""},
		{"quoted, with line ends", "email,note\n\"gone@example.org\",\"two\nlines\"\n\"b@example.org\",\"say \"\"x\"\"\n\"\n", "email,note\n\"b@example.org\",\"say \"\"x\"\"\n\"\n", ""},
		{"quoting kept", "\"email\",\"n\"\n\"a@example.org\",1\n", "\"email\",\"n\"\n\"a@example.org\",1\n", ""},
		{"old line ends", "email,n\ra@example.org,1\rgone@example.org,2\r", "email,n\ra@example.org,1\r", ""},
		{"a comma in a column of semicolons", "email;names\na@example.org;x, y\n", "email;names\na@example.org;x, y\n", ""},
		{"BOM and a quoted first column", "\ufeff\"email\",n\ngone@example.org,1\n", "\ufeff\"email\",n\n", ""},
		{"latin-1", "email,n\na@example.org,M\xfcller\n", "email,n\na@example.org,M\xfcller\n", ""},
		{"no last line end", "email\na@example.org\ngone@example.org", "email\na@example.org\n", ""},
		{"mixed line ends", "email,n\r\na@example.org,1\nb@example.org,2\r\n", "email,n\r\na@example.org,1\nb@example.org,2\r\n", ""},
	}
	for _, test := range tests {
		kept, removed, err := clean(test.in, "email")
		if err != nil || kept != test.kept || test.removed != "" && removed != test.removed {
			t.Errorf("%s: %v\nkept    %q\nwant    %q\nremoved %q", test.name, err, kept, test.kept, removed)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	tests := []struct {
		in   string
		line int
		want string
	}{
		{"", 1, "no header"},
		{"name,mail\nx,y\n", 1, `no column "email"; the columns are ["name" "mail"]`},
		{"email,Email\nx,y\n", 0, ""},
		{"EMAIL,Email\nx,y\n", 1, "2 columns"},
		{"email,n\na@example.org,1\nb@example.org\n", 3, "it has 1 fields, the header has 2"},
		{"email,n\na@example.org,1,2\n", 2, "it has 3 fields"},
		{"email,n\na@example.org,\"x\nb@example.org,2\n", 2, "never closed"},
		{"email,n\na@example.org,\"x\"y\n", 2, "after a closing quote"},
		{"\xff\xfee\x00m\x00", 1, "not UTF-8"},
		{"email\nerror@example.org\n", 0, "no answer"},
	}
	for _, test := range tests {
		kept, _, err := clean(test.in, "email")
		if test.want == "" {
			if err != nil {
				t.Errorf("%q: %v", test.in, err)
			}
			continue
		}
		var at *Error
		if err == nil || !strings.Contains(err.Error(), test.want) || kept != "" {
			t.Errorf("%q: got %v, want %q; written: %q", test.in, err, test.want, kept)
		} else if errors.As(err, &at) && at.Line != test.line {
			t.Errorf("%q: line %d, want %d", test.in, at.Line, test.line)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("email,name\na@example.org,A\ngone@example.org,G\n")
	f.Add("\ufeffemail;x\r\n\"gone@example.org\";\"a\r\n\"\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		var k, r bytes.Buffer
		none := func(string) (bool, []string, error) { return false, nil, nil }
		if _, err := Clean(strings.NewReader(in), &k, &r, Options{Column: "email"}, none); err == nil && k.String() != in {
			t.Errorf("%q became %q", in, k.String())
		}
	})
}
