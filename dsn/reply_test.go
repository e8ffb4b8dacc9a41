package dsn

import "testing"

func TestCodes(t *testing.T) {
	tests := []struct{ words, reply, status string }{
		{"550 5.1.1 <anja@example.org>: User unknown", "550", "5.1.1"},
		{"550-5.1.1 no such\n550-5.1.1 user\n550 5.1.1 here", "550", "5.1.1"},
		{"550-5.1.1 no such 550-5.1.1 user 550 5.1.1 here", "550", "5.1.1"},
		{"550 User unknown", "550", ""},
		{"550", "550", ""},
		{"smtp; 550 User unknown", "550", ""},
		{"| anna@example.com | failed | 550 no such user |", "550", ""},
		{"attribute is missing (LDAP-ERR #220)", "", ""},
		{"554 30 Sorry, your message to anna@example.com cannot be delivered. This mailbox is disabled (554.30).", "554", ""},
		{"500 10 messages waiting", "", ""},
		{"smtp;550 User unknown", "550", ""},
		{"host mx.example.org[192.0.2.25] said: 550 5.1.1 no (in reply to RCPT TO command)", "550", "5.1.1"},
		{"host mx.example.org[192.0.2.25] said: 550-no such user here", "550", ""},
		{"SMTP error from remote server after RCPT: 550 unknown", "550", ""},
		{"The server said:550 no such user", "550", ""},
		{"Remote host said: 553 sorry, no (#5.7.1)", "553", "5.7.1"},
		{"Sorry, no mailbox here by that name. (#5.1.1)", "", "5.1.1"},
		{"user unknown (5.1.1)", "", "5.1.1"},
		{"5.4.7 - gave up", "", "5.4.7"},
		{"5.1.0 - Unknown address error 550-'5.1.1 no such user'", "550", "5.1.1"},
		{"#5.1.1 smtp; 550 5.1.1 unknown", "550", "5.1.1"},
		{"550 #5.1.0 Address rejected", "550", "5.1.0"},
		{"550 5.0.0 <a@example.org>... 5.1.1 unknown", "550", "5.1.1"},
		{"503 5.5.1 need RCPT; said: 550 5.1.1 unknown", "550", "5.1.1"},
		{"503 5.0.0 Need RCPT", "503", "5.0.0"},
		{"250 2.1.5 OK", "250", "2.1.5"},
		{"554 delivery error: dd This user has no account (0) - mta1.example.net", "554", ""},
		{"421 4.7.0 [TSS04] deferred; see the page", "421", "4.7.0"},
		{"error code 452", "452", ""},
		{"571 5.7.1 not accepted", "571", "5.7.1"},
		{"<<< 450 4.2.0 try later", "450", "4.2.0"},
		{"451 4.4.0 primary target responded with: \"421 4.2.1 unable to connect\"", "451", "4.2.1"},
		{"550: <anja@example.org>: unknown", "550", ""},
		{"5.3.0 - other problem 550-'unknown user' (attempts: 0)", "550", "5.3.0"},
		{"441 4.4.1 connection dropped", "441", "4.4.1"},
		{"550 4.4.7 QUEUE.Expired; gone", "550", "4.4.7"},
		// no replies
		{"connect to mx.example.org[192.0.2.25]:465: Connection refused", "", ""},
		{"connect to mx.example.org port 587: timed out", "", ""},
		{"Thu, 12 Mar 2026 14:25:50 +0100", "", ""},
		{"received 554 KB, size 550 bytes, limit: 512 MB", "", ""},
		{"example daemon 5.5.2 on host 4.1.2.3", "", ""},
		{"version 4.9.2 says no", "", ""},
		{"message id 550-123-421@example.org", "", ""},
		{"call +49 421 5502 or 5.50", "", ""},
		{"10:45:550", "", ""},
		{"http 404 not found: 404 page", "", ""},
		{"192.0.2.550 5.1.1.1", "", ""},
		{"DNS Error: 8841927 DNS type 'mx' lookup", "", ""},
		{"1550 people", "", ""},
		{"size (in bytes): 222", "", ""},
		{"said: 250 ok", "250", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		reply, status := Codes(test.words)
		if reply != test.reply || status != test.status {
			t.Errorf("Codes(%q) = %q, %q, want %q, %q", test.words, reply, status, test.reply, test.status)
		}
	}
}

func TestParseStatus(t *testing.T) {
	tests := []struct{ in, want string }{
		{"5.1.1", "5.1.1"}, {"5.1.1 (bad address)", "5.1.1"}, {"5. 0. 0", "5.0.0"}, {"5.1.1\t", "5.1.1"},
		{" 4.4.7", "4.4.7"}, {"#5.1.1", "5.1.1"}, {"5.7.515", "5.7.515"}, {"2.1.5", "2.1.5"},
		{"550", ""}, {"", ""}, {"5.1", ""}, {"3.1.1", ""}, {"5.1.1.1", ""}, {"RO", ""}, {"5.1111.1", ""}, {"(bad)", ""},
	}
	for _, test := range tests {
		if got := ParseStatus(test.in); got != test.want {
			t.Errorf("ParseStatus(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestBetterStatus(t *testing.T) {
	tests := []struct{ a, b, want string }{
		{"5.0.0", "5.1.1", "5.1.1"}, {"5.1.1", "5.0.0", "5.1.1"}, {"5.1.1", "5.2.2", "5.1.1"}, {"4.4.7", "4.7.1", "4.7.1"},
		{"", "5.1.1", "5.1.1"}, {"5.1.1", "", "5.1.1"}, {"5.1.0", "5.1.1", "5.1.1"}, {"4.4.7", "5.1.1", "5.1.1"},
		{"5.1.1", "4.2.2", "5.1.1"}, {"", "", ""},
	}
	for _, test := range tests {
		if got := BetterStatus(test.a, test.b); got != test.want {
			t.Errorf("BetterStatus(%q, %q) = %q, want %q", test.a, test.b, got, test.want)
		}
	}
}

func TestFindStage(t *testing.T) {
	tests := []struct {
		in   string
		want Stage
	}{
		{"said: 550 no (in reply to RCPT TO command)", StageRcpt},
		{"said: 554 no (in reply to end of DATA command)", StageData},
		{"SMTP error from remote mail server after end of data:", StageData},
		{"after RCPT TO:<anja@example.org>: 550", StageRcpt},
		{"after pipelined MAIL FROM:<a@example.org> SIZE=1", StageMail},
		{">>> DATA\n<<< 554 no", StageData},
		{"(in reply to MAIL FROM command)", StageMail},
		{"while sending RCPT TO", StageRcpt},
		{"refused after initial connection: 554", StageConnect},
		{"timed out while receiving the initial server greeting", StageConnect},
		{"after EHLO example.org", StageHelo},
		{"in reply to STARTTLS", StageStartTLS},
		{"503 need MAIL before RCPT", ""},
		{"550 DATA LINE TOO LONG", ""},
		{"550 user unknown", ""},
		{"", ""},
	}
	for _, test := range tests {
		if got := FindStage(test.in); got != test.want {
			t.Errorf("FindStage(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestCommandStage(t *testing.T) {
	tests := []struct {
		in   string
		want Stage
	}{
		{">>> RCPT To:<anja@example.org>", StageRcpt}, {"data", StageData}, {">>> .", StageData}, {"QUIT", StageQuit},
		{"database", ""}, {"", ""}, {"EHLO example.org", StageHelo},
	}
	for _, test := range tests {
		if got := CommandStage(test.in); got != test.want {
			t.Errorf("CommandStage(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, s := range []string{"550 5.1.1 x", "550-5.1.1 x\n550 y", "said: 550", "(#5.1.1)", "5.1.1", "2.", "550", "5.5.5", "smtp;5.1.1", ">>> RCPT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range FindReplies(s) {
			if r.Start < 0 || r.End > len(s) || r.Start >= r.End || r.Code == "" && r.Status == "" {
				t.Fatalf("FindReplies(%q) gives %+v", s, r)
			}
		}
		reply, status := Codes(s)
		if reply != "" && !contains(s, reply) || status != "" && (!contains(s, status) || !ValidStatus(status)) {
			t.Errorf("Codes(%q) = %q, %q, which do not stand there", s, reply, status)
		}
		FindStage(s)
		CommandStage(s)
	})
}

func contains(s, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i:i+len(sub)] == sub {
			return true
		}
	}
	return false
}
