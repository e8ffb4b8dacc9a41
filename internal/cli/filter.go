package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/net/idna"

	"github.com/whybounce/whybounce/internal/output"
	"github.com/whybounce/whybounce/parser"
	"github.com/whybounce/whybounce/rules"
)

// filterOptions are the flags that choose rows.
type filterOptions struct {
	all          bool
	causes       []string
	domains      []string
	since, until string
	failOn       []string
}

func (o *filterOptions) flags(f *pflag.FlagSet) {
	f.BoolVarP(&o.all, "all", "a", false, "also auto-replies, challenges, complaints, delays, deliveries and ordinary mail")
	f.StringSliceVar(&o.causes, "cause", nil, "only these `CAUSES`, with commas between (see whybounce causes)")
	f.StringSliceVar(&o.domains, "domain", nil, "only recipients at these `DOMAINS`; .example.com also takes those below it")
	f.StringVar(&o.since, "since", "", "only messages written at `TIME` or later: 2026-01-31 (in UTC) or 2026-01-31T12:00:00+01:00; those without a date stay")
	f.StringVar(&o.until, "until", "", "only messages written at `TIME` or earlier; a day counts as a whole")
	f.StringSliceVar(&o.failOn, "fail-on", nil, "exit with 1 if a row shown has one of these `WORDS` as list action, cause or outcome; any for any row")
}

// A filter says which rows to show, and which of them make the run fail.
type filter struct {
	all          bool
	causes       []string
	domains      []string
	since, until time.Time
	failOn       []string
}

// compile checks the words of the flags.
func (o *filterOptions) compile(set *rules.Set) (*filter, error) {
	f := &filter{all: o.all, causes: o.causes, failOn: o.failOn}
	var causes []string
	for _, c := range set.Causes() {
		causes = append(causes, c.ID)
	}
	if err := checkWords("--cause", o.causes, causes, "whybounce causes lists them"); err != nil {
		return nil, err
	}
	words := append([]string{"any", "remove", "keep", "fix", "review", "failed", "delayed", "delivered", "complaint"}, causes...)
	if err := checkWords("--fail-on", o.failOn, words, "a list action, a cause, an outcome, or any"); err != nil {
		return nil, err
	}
	for _, d := range o.domains {
		f.domains = append(f.domains, domainKey(strings.TrimPrefix(d, "@")))
	}
	var err error
	if f.since, err = parseTime("--since", o.since, 0); err != nil {
		return nil, err
	}
	f.until, err = parseTime("--until", o.until, 24*time.Hour-1)
	return f, err
}

func checkWords(flag string, words, known []string, hint string) error {
	for _, w := range words {
		if slices.Contains(known, w) {
			continue
		}
		if near := nearest(w, known); near != "" {
			hint = fmt.Sprintf("did you mean %s? %s", near, hint)
		}
		return usage(fmt.Errorf("%s does not know %q", flag, w), hint)
	}
	return nil
}

// parseTime reads a time or a day; of a day it takes the moment so far into it.
func parseTime(flag, s string, into time.Duration) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Add(into), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, usage(fmt.Errorf("%s cannot read %q as a time", flag, s), "write 2026-01-31 or 2026-01-31T12:00:00Z")
	}
	return t, nil
}

// shows reports whether a row is to be shown.
func (f *filter) shows(r *output.Row) bool {
	named := slices.Contains(f.causes, r.Cause)
	if len(f.causes) > 0 && !named {
		return false
	}
	if !f.all && !named && (r.Kind != string(parser.Bounce) || r.Outcome == rules.OutcomeDelivered) {
		return false
	}
	if !f.all && r.Outcome == rules.OutcomeDelayed {
		return false
	}
	return (len(f.domains) == 0 || f.inDomain(r.Recipient)) && f.inTime(r.Date)
}

func (f *filter) inDomain(address string) bool {
	_, domain, _ := cutLast(address, "@")
	domain = domainKey(domain)
	for _, d := range f.domains {
		if domain == strings.TrimPrefix(d, ".") || strings.HasPrefix(d, ".") && strings.HasSuffix(domain, d) {
			return true
		}
	}
	return false
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// domainKey makes two spellings of a domain one: case, final dot, punycode.
func domainKey(d string) string {
	d = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(d)), ".")
	if u, err := idna.ToUnicode(d); err == nil {
		return u
	}
	return d
}

func (f *filter) inTime(date string) bool {
	if date == "" || f.since.IsZero() && f.until.IsZero() {
		return true
	}
	t, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return true
	}
	return !t.Before(f.since) && (f.until.IsZero() || !t.After(f.until))
}

// failsOn reports whether --fail-on names something about the row.
func (f *filter) failsOn(r *output.Row) bool {
	for _, w := range f.failOn {
		if w == "any" || w == string(r.ListAction) || w == r.Cause || w == string(r.Outcome) {
			return true
		}
	}
	return false
}
