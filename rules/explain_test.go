package rules

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/whybounce/whybounce/dsn"
)

func mustBuiltin(t testing.TB) *Set {
	t.Helper()
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// testRule gives the TOML of a rule whose example is its pattern.
func testRule(id, pattern, more string) string {
	return fmt.Sprintf("[[rule]]\nid = %q\npattern = '''%s'''\nsource = \"test\"\nmatch = ['''%s''']\nreject = [\"-\"]\n%s\n", id, pattern, pattern, more)
}

// testFiles gives rule files: the codes of the built-in rules and the heads of
// some causes, followed by the given rules by file.
func testFiles(t testing.TB, rules map[string]string) fstest.MapFS {
	t.Helper()
	codes, err := os.ReadFile("codes.toml")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{"codes.toml": {Data: codes}}
	for id, action := range map[string]string{
		"unknown-user": "remove", "disabled-mailbox": "remove", "mailbox-full": "keep", "blocked": "fix",
		"policy-refused": "review", "expired": "keep", "network-error": "keep", "unknown": "review", "delivered": "keep",
	} {
		name := "causes/" + id + ".toml"
		head := fmt.Sprintf("title = \"T %s\"\nfix = \"F %s\"\nact = \"sender\"\naction = %q\npermanent = %v\n",
			id, id, action, action != "keep" && id != "unknown")
		out[name] = &fstest.MapFile{Data: []byte(head + rules[name])}
	}
	for name, data := range rules {
		if strings.HasPrefix(name, "providers/") {
			out[name] = &fstest.MapFile{Data: []byte(data)}
		}
	}
	return out
}

func testSet(t testing.TB, rules map[string]string) *Set {
	t.Helper()
	s, err := loadSet(testFiles(t, rules))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOrder(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("zzz", "no such user", "") +
			testRule("aaa", "user unknown", "") +
			testRule("long", "user unknown in this table", "") +
			testRule("victim", "address is not in this table", "") +
			testRule("never", "user xyz", `final = false`),
		"causes/blocked.toml": testRule("bbb", "host blocked", "") +
			testRule("short", "xyz", `beats = ["victim"]`) +
			testRule("shorter", "uvw", `beats = ["short"]`),
		"causes/expired.toml":        testRule("retry", "retry timeout exceeded for this host now", "generic = true"),
		"causes/policy-refused.toml": testRule("status", "user", `status = ["5.7"]`) + testRule("reply", "user un", `reply = ["52", "554"]`),
		"providers/acme.toml": "title = \"Acme\"\ndomains = [\"acme.example\"]\nhosts = [\"mx.acme.example\"]\nmarks = ['''\\[ACME\\d+\\]''']\n" +
			testRule("acme", "unk", "cause = \"mailbox-full\"") +
			testRule("acme-data", "unk", "cause = \"blocked\"\nstage = \"data\""),
	})
	for _, c := range []struct {
		name string
		r    dsn.Recipient
		want string
	}{
		{"id decides between equals", dsn.Recipient{Diagnostic: "550 user unknown, no such user"}, "aaa"},
		{"more literal text", dsn.Recipient{Diagnostic: "550 no such user: User  Unknown in this TABLE"}, "long"},
		{"beats over literal text", dsn.Recipient{Diagnostic: "550 xyz address is not in this table"}, "short"},
		{"beats is transitive", dsn.Recipient{Diagnostic: "550 uvw address is not in this table"}, "shorter"},
		{"the one that beats the best leaves the others", dsn.Recipient{Diagnostic: "xyz address is not in this table, host blocked"}, "bbb"},
		{"generic gives way", dsn.Recipient{Diagnostic: "retry timeout exceeded for this host now: xyz"}, "short"},
		{"generic wins alone", dsn.Recipient{Diagnostic: "retry timeout exceeded for this host now"}, "retry"},
		{"narrowed by status", dsn.Recipient{Status: "5.7.1", Diagnostic: "user unknown in this table"}, "status"},
		{"status is no plain prefix", dsn.Recipient{Status: "5.70.1", Diagnostic: "user unknown in this table"}, "long"},
		{"narrowed by reply", dsn.Recipient{Reply: "554", Diagnostic: "user unknown in this table"}, "reply"},
		{"reply is a prefix", dsn.Recipient{Reply: "521", Diagnostic: "user unknown in this table"}, "reply"},
		{"by the recipient's domain", dsn.Recipient{Final: "a@mail.ACME.example", Diagnostic: "user unknown in this table"}, "acme"},
		{"by the remote server", dsn.Recipient{Final: "a@example.org", RemoteServer: "a.mx.acme.example", Diagnostic: "user unknown in this table"}, "acme"},
		{"by the reporting server", dsn.Recipient{ReportingServer: "mx.acme.example.", Diagnostic: "user unknown in this table"}, "acme"},
		{"by a mark", dsn.Recipient{Diagnostic: "user unknown in this table [acme07]"}, "acme"},
		{"no mark", dsn.Recipient{Diagnostic: "user unknown in this table [acme]"}, "long"},
		{"no label of the domain", dsn.Recipient{Final: "a@notacme.example", Diagnostic: "user unknown in this table"}, "long"},
		{"by stage too", dsn.Recipient{Final: "a@acme.example", Stage: dsn.StageData, Diagnostic: "unknown"}, "acme-data"},
		{"by stage in the text", dsn.Recipient{Final: "a@acme.example", Diagnostic: "unknown (in reply to end of DATA command)"}, "acme-data"},
		{"diagnostic before context", dsn.Recipient{Diagnostic: "xyz", Context: "no such user"}, "short"},
		{"deeper reason in the context", dsn.Recipient{Diagnostic: "retry timeout exceeded for this host now", Context: "no such user"}, "zzz"},
		{"context where the diagnostic is mute", dsn.Recipient{Diagnostic: "sorry", Context: "no such user"}, "zzz"},
		{"generic in the context", dsn.Recipient{Context: "retry timeout exceeded for this host now"}, "retry"},
		{"status before a generic rule", dsn.Recipient{Status: "5.2.2", Diagnostic: "retry timeout exceeded for this host now"}, "status:5.2.2"},
		{"a generic rule before a class", dsn.Recipient{Status: "5.0.0", Diagnostic: "retry timeout exceeded for this host now"}, "retry"},
		{"a generic rule before a reply code", dsn.Recipient{Reply: "550", Diagnostic: "retry timeout exceeded for this host now"}, "retry"},
		{"codes last", dsn.Recipient{Status: "5.2.2", Reply: "550", Diagnostic: "sorry"}, "status:5.2.2"},
		{"nothing", dsn.Recipient{Diagnostic: "sorry"}, ""},
	} {
		if got := s.Explain(&c.r).Evidence.Rule; got != c.want {
			t.Errorf("%s: %q won, want %q", c.name, got, c.want)
		}
	}
}

func TestDecide(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml":     testRule("unknown", "user unknown", "") + testRule("maybe", "user maybe", `action = "review"`),
		"causes/disabled-mailbox.toml": testRule("disabled", "disabled", ""),
		"causes/blocked.toml":          testRule("blocked", "blocked", ""),
		"causes/mailbox-full.toml":     testRule("full", "mailbox full", "") + testRule("gone", "gone full", `action = "remove"`),
		"causes/expired.toml":          testRule("retry", "timeout exceeded", "generic = true"),
	})
	for _, c := range []struct {
		name   string
		r      dsn.Recipient
		cause  string
		want   ListAction
		perm   bool
		result Outcome
	}{
		{"failed", dsn.Recipient{Action: dsn.Failed, Diagnostic: "550 user unknown"}, "unknown-user", Remove, true, OutcomeFailed},
		{"no action is a failure", dsn.Recipient{Diagnostic: "550 user unknown"}, "unknown-user", Remove, true, OutcomeFailed},
		{"final phrase with 450", dsn.Recipient{Action: dsn.Failed, Reply: "450", Diagnostic: "user unknown"}, "unknown-user", Remove, true, OutcomeFailed},
		{"final phrase with 450, fate not told", dsn.Recipient{Reply: "450", Diagnostic: "user unknown"}, "unknown-user", Keep, false, OutcomeFailed},
		{"delayed", dsn.Recipient{Action: dsn.Delayed, Diagnostic: "user unknown"}, "unknown-user", Keep, false, OutcomeDelayed},
		{"not final with 4.x.x", dsn.Recipient{Action: dsn.Failed, Status: "4.2.1", Diagnostic: "disabled"}, "disabled-mailbox", Keep, false, OutcomeFailed},
		{"not final with 4xx", dsn.Recipient{Action: dsn.Failed, Reply: "450", Diagnostic: "disabled"}, "disabled-mailbox", Keep, false, OutcomeFailed},
		{"codes that contradict", dsn.Recipient{Action: dsn.Failed, Status: "4.2.1", Reply: "550", Diagnostic: "disabled"}, "disabled-mailbox", Keep, false, OutcomeFailed},
		{"fix stays fix", dsn.Recipient{Action: dsn.Delayed, Diagnostic: "blocked"}, "blocked", Fix, false, OutcomeDelayed},
		{"a rule's own action", dsn.Recipient{Action: dsn.Failed, Diagnostic: "user maybe"}, "unknown-user", Review, true, OutcomeFailed},
		{"not permanent by default", dsn.Recipient{Action: dsn.Failed, Reply: "552", Diagnostic: "mailbox full"}, "mailbox-full", Keep, false, OutcomeFailed},
		{"delivered", dsn.Recipient{Action: dsn.Delivered, Diagnostic: "user unknown"}, "delivered", Keep, true, OutcomeDelivered},
		{"relayed", dsn.Recipient{Action: dsn.Relayed}, "delivered", Keep, true, OutcomeDelivered},
		{"enhanced code removes", dsn.Recipient{Action: dsn.Failed, Status: "5.1.1"}, "unknown-user", Remove, true, OutcomeFailed},
		{"not beside a phrase that says else", dsn.Recipient{Action: dsn.Failed, Status: "5.1.1", Diagnostic: "timeout exceeded"}, "unknown-user", Review, true, OutcomeFailed},
		{"4.1.1 keeps", dsn.Recipient{Action: dsn.Failed, Status: "4.1.1"}, "unknown-user", Keep, false, OutcomeFailed},
		{"bare reply code reviews", dsn.Recipient{Action: dsn.Failed, Reply: "550"}, "unknown-user", Review, true, OutcomeFailed},
		{"success codes of a failure say nothing", dsn.Recipient{Action: dsn.Failed, Status: "2.1.5", Reply: "250"}, "unknown", Review, false, OutcomeFailed},
	} {
		v := s.Explain(&c.r)
		if v.Cause != c.cause || v.ListAction != c.want || v.Permanent != (c.perm && v.Cause != "delivered") || v.Outcome != c.result {
			t.Errorf("%s: %s %s permanent=%v %s; want %s %s %v %s", c.name, v.Cause, v.ListAction, v.Permanent, v.Outcome, c.cause, c.want, c.perm, c.result)
		}
	}
}

func TestEvidence(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": testRule("unknown", `user unkno`, ""),
		"causes/blocked.toml": "fix_with = \"Ask {list} at {url}.\"\n[[rule]]\nid = \"listed\"\nsource = \"test\"\n" +
			"pattern = '''listed in (?P<list>[\\w .]+)(?:, see (?P<url>https?://\\S+))?'''\n" +
			"match = [\"listed in Example, see https://example.org/x\"]\nreject = [\"-\"]\n" +
			"[[rule]]\nid = \"own\"\nsource = \"test\"\npattern = '''rbl (?P<rbl>\\w+)'''\nfix = \"Leave {rbl}, then {rbl}.\"\nmatch = [\"rbl one\"]\nreject = [\"-\"]\n",
	})
	for _, c := range []struct{ in, text, fix string }{
		{"550 <a@example.org>: User \t Unknown, sorry", "User \t Unknown", "F unknown-user"},
		{"550 superuser unknown", "superuser unknown", "F unknown-user"},
		{"550 Listed in  The  List, see https://Example.org/X", "Listed in  The  List, see https://Example.org/X", "Ask The List at https://Example.org/X."},
		{"550 listed in Example", "listed in Example", "F blocked"},
		{"550 RBL Spam", "RBL Spam", "Leave Spam, then Spam."},
		{"550 sorry", "550 sorry", "Verify the address with the person by other means before you remove it."},
		{"sorry " + strings.Repeat("ü", 300), "sorry " + strings.Repeat("ü", 97), "F unknown"},
		{strings.Repeat("x", 9000) + " user unknown", "user unknown", "F unknown-user"},
		{"a\xffb user unknown \xff", "user unknown", "F unknown-user"},
	} {
		v := s.ExplainReply(c.in)
		if v.Evidence.Text != c.text || v.Fix != c.fix {
			t.Errorf("%.60q: evidence %q, fix %q; want %q, %q", c.in, v.Evidence.Text, v.Fix, c.text, c.fix)
		}
	}
	v := s.Explain(&dsn.Recipient{Status: "5.2.2", Origin: "delivery-status group 2"})
	if want := (Evidence{Text: "5.2.2", Origin: "delivery-status group 2", Rule: "status:5.2.2"}); v.Evidence != want {
		t.Errorf("evidence of a status code is %+v, want %+v", v.Evidence, want)
	}
	v = s.Explain(&dsn.Recipient{Diagnostic: "sorry", Origin: "a", Context: "user unknown", ContextOrigin: "b"})
	if v.Evidence.Origin != "b" {
		t.Errorf("evidence from the context stands at %q", v.Evidence.Origin)
	}
}

func TestBareCodes(t *testing.T) {
	s := mustBuiltin(t)
	for _, c := range []struct {
		in, cause string
		action    ListAction
		permanent bool
		rule      string
	}{
		{"550", "unknown-user", Review, true, "reply:550"},
		{"421", "server-error", Keep, false, "reply:421"},
		{"5.1.1", "unknown-user", Remove, true, "status:5.1.1"},
		{"4.1.1", "unknown-user", Keep, false, "status:4.1.1"},
		{"550 5.0.0", "unknown-user", Review, true, "reply:550"},
		{"101 no", "network-error", Keep, false, "reply:101"},
	} {
		v := s.ExplainReply(c.in)
		if v.Cause != c.cause || v.ListAction != c.action || v.Permanent != c.permanent || v.Evidence.Rule != c.rule {
			t.Errorf("ExplainReply(%q) = %s %s permanent=%v %q; want %s %s %v %s", c.in,
				v.Cause, v.ListAction, v.Permanent, v.Evidence.Rule, c.cause, c.action, c.permanent, c.rule)
		}
	}
}

// TestNoRemovalByReplyCode holds that no bare reply code removes anybody.
func TestNoRemovalByReplyCode(t *testing.T) {
	s := mustBuiltin(t)
	for code := 100; code < 600; code++ {
		v := s.ExplainReply(fmt.Sprint(code))
		if v.ListAction == Remove {
			t.Errorf("a bare %d removes (%s)", code, v.Cause)
		}
		r := dsn.Recipient{Action: dsn.Failed, Reply: fmt.Sprint(code)}
		if v := s.Explain(&r); v.ListAction == Remove {
			t.Errorf("a recipient with a bare %d is removed (%s)", code, v.Cause)
		}
	}
}

// TestMilderActions holds that a fix fits an action that is milder than its cause's,
// and that a generic phrase and the code that says the same are a statement together.
func TestMilderActions(t *testing.T) {
	s := testSet(t, map[string]string{
		"causes/unknown-user.toml": "fix_review = \"Look.\"\nfix_later = \"Wait.\"\n" +
			testRule("unknown", "user unknown", "") + testRule("weak", "address refused", "generic = true\naction = \"review\""),
		"causes/policy-refused.toml": testRule("policy", "access denied", "generic = true"),
		"causes/blocked.toml":        testRule("guard", "your host is blocked", `beats = ["cause:unknown-user"]`),
	})
	for _, c := range []struct {
		in, cause string
		action    ListAction
		fix       string
	}{
		{"550 5.1.1 user unknown", "unknown-user", Remove, "F unknown-user"},
		{"450 4.1.1 user unknown", "unknown-user", Keep, "Wait."},
		{"550 address refused", "unknown-user", Review, "Look."},
		{"550 5.1.1 address refused", "unknown-user", Remove, "F unknown-user"},
		{"450 4.1.1 address refused", "unknown-user", Review, "Look."},
		{"450 5.1.1 address refused", "unknown-user", Review, "Look."},
		{"550 5.1.1 access denied", "unknown-user", Review, "Look."},
		{"550 5.1.1 user unknown, and your host is blocked", "blocked", Fix, "F blocked"},
	} {
		v := s.ExplainReply(c.in)
		if v.Cause != c.cause || v.ListAction != c.action || v.Fix != c.fix {
			t.Errorf("%q: %s %s %q, want %s %s %q", c.in, v.Cause, v.ListAction, v.Fix, c.cause, c.action, c.fix)
		}
	}
}
