package rules

import (
	"testing"
)

func mustBuiltin(t testing.TB) *Set {
	t.Helper()
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExplainReply(t *testing.T) {
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
			t.Errorf("ExplainReply(%q) = %s %s permanent=%v %q; want %s %s %v %q", c.in,
				v.Cause, v.ListAction, v.Permanent, v.Evidence.Rule, c.cause, c.action, c.permanent, c.rule)
		}
	}
}
