package rules

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/whybounce/whybounce/dsn"
)

// unsifted gives the rule that wins a passage without sieve and ranks: all patterns
// are run, and the winner follows from the definition.
func (s *Set) unsifted(folded []byte, p passage, f *facts, patterns []*regexp.Regexp) int {
	var all []int
	for i := range s.rules {
		if s.rules[i].holds(f, p.text) && patterns[i].Match(folded) {
			all = append(all, i)
		}
	}
	best := -1
	for _, i := range all {
		beaten := slices.ContainsFunc(all, func(j int) bool { return s.beats(j, i) })
		if beaten {
			continue
		}
		if best < 0 {
			best = i
		} else if before, _ := outranks(&s.rules[i].core, &s.rules[best].core); before {
			best = i
		}
	}
	if best >= 0 && s.rules[best].Doubt {
		return -1
	}
	return best
}

// FuzzSift holds that the sieve changes nothing: neither the winner nor its place.
func FuzzSift(f *testing.F) {
	s := mustBuiltin(f)
	for i, r := range s.Rules() {
		for _, e := range r.Match {
			if i%7 == 0 {
				f.Add(e.Text, r.Cause, "rcpt")
			}
		}
	}
	patterns := sync.OnceValue(func() []*regexp.Regexp {
		out := make([]*regexp.Regexp, len(s.rules))
		for i := range s.rules {
			out[i] = regexp.MustCompile(s.rules[i].folded)
		}
		return out
	})
	f.Fuzz(func(t *testing.T, text, more, stage string) {
		text = clip(text+" "+more, headBytes)
		r := replyRecipient(text)
		fs := facts{status: r.Status, reply: r.Reply, stage: stage, staged: true}
		sc := s.borrow()
		defer s.release(sc)
		p := passage{text: text}
		h, ok := s.winner(sc, p, &fs)
		folded := fold(nil, text)
		want := s.unsifted(folded, p, &fs, patterns())
		switch {
		case !ok && want < 0:
		case !ok:
			t.Fatalf("%q: nothing won, want %s", text, s.rules[want].ID)
		case want < 0:
			t.Fatalf("%q: %s won, want nothing", text, s.rules[h.rule].ID)
		case h.rule != want:
			t.Fatalf("%q: %s won, want %s", text, s.rules[h.rule].ID, s.rules[want].ID)
		default:
			if at := patterns()[want].FindIndex(folded); at[0] != h.from || at[1] != h.to {
				t.Errorf("%q: %s matches [%d,%d), want %v", text, s.rules[want].ID, h.from, h.to, at)
			}
		}
	})
}

// TestSiftedExamples runs the comparison over an example of every eighth rule.
func TestSiftedExamples(t *testing.T) {
	s := mustBuiltin(t)
	patterns := make([]*regexp.Regexp, len(s.rules))
	for i := range s.rules {
		patterns[i] = regexp.MustCompile(s.rules[i].folded)
	}
	for k, r := range s.Rules() {
		if k%8 != 0 {
			continue
		}
		for _, e := range r.Match[:1] {
			f := s.exampleFacts(e, &r)
			sc := s.borrow()
			p := passage{text: e.Text}
			h, ok := s.winner(sc, p, &f)
			want := s.unsifted(fold(nil, e.Text), p, &f, patterns)
			if ok != (want >= 0) || ok && h.rule != want {
				t.Errorf("%s: %q: sifted %v %d, unsifted %d", r.ID, e.Text, ok, h.rule, want)
			}
			s.release(sc)
		}
	}
}

func TestExplainIsConcurrent(t *testing.T) {
	s, err := decodeSet(prebuiltSet)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, r := range s.Rules() {
		for _, e := range r.Match {
			texts = append(texts, e.Text)
		}
	}
	want := make([]Verdict, len(texts))
	for i, text := range texts {
		want[i] = mustBuiltin(t).ExplainReply(text)
	}
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range texts {
				i = (i + n*len(texts)/4) % len(texts)
				if v := s.ExplainReply(texts[i]); v != want[i] {
					t.Errorf("%q: %+v, want %+v", texts[i], v, want[i])
				}
			}
		})
	}
	wg.Wait()
}

var benchRecipients = []dsn.Recipient{
	{Action: dsn.Failed, Status: "5.1.1", Reply: "550", Final: "kim@example.com", RemoteServer: "mx1.example.com", ReportingServer: "mail.example.org",
		Diagnostic: "smtp; 550 5.1.1 <kim@example.com>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command), please check the address and try again or call us"},
	{Action: dsn.Failed, Status: "5.7.1", Reply: "554", Final: "kim@example.net", RemoteServer: "mx.example.net", ReportingServer: "mail.example.org",
		Diagnostic: "host mx.example.net[192.0.2.25] said: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1 (in reply to RCPT TO command)"},
	{Action: dsn.Failed, Final: "kim@gmail.com", RemoteServer: "gmail-smtp-in.l.google.com", Status: "5.2.1", Reply: "550",
		Diagnostic: "550-5.2.1 The email account that you tried to reach is disabled. For more information, go to 550 5.2.1 https://support.google.com/mail/?p=DisabledUser x1-20020a17 - gsmtp"},
	{Action: dsn.Failed, Final: "kim@example.com", Status: "5.0.0",
		Diagnostic: "the server answered with words that no rule has ever heard before, in a sentence that goes on for about two hundred bytes, as replies of servers sometimes do when they have a lot to tell us about mail"},
}

func BenchmarkExplain(b *testing.B) {
	s := mustBuiltin(b)
	for i := range benchRecipients {
		s.Explain(&benchRecipients[i])
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range benchRecipients {
			s.Explain(&benchRecipients[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(benchRecipients)), "ns/explain")
	b.ReportMetric(float64(len(s.rules)), "rules")
}

func BenchmarkExplainLong(b *testing.B) {
	s := mustBuiltin(b)
	r := dsn.Recipient{Action: dsn.Failed, Diagnostic: "550 sorry", Context: strings.Repeat("Dear postmaster, this mail could not reach its recipient and comes back to you. ", 1000)}
	for b.Loop() {
		s.Explain(&r)
	}
}
