package rules

import (
	"fmt"
	"strings"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/pattern"
)

// A provider is a mail service that gives phrases and codes a meaning of its own.
type provider struct {
	id            string
	title         string
	documentation string
	file          string
	domains       []string // suffixes of recipients' domains
	hosts         []string // suffixes of servers' names
	marks         []core   // patterns in a diagnostic that prove the provider
}

// maxProviders is what a providerSet can hold.
const maxProviders = 256

// A providerSet is a set of providers by their index.
type providerSet [maxProviders / 64]uint64

func (p *providerSet) add(i int) { p[i>>6] |= 1 << (i & 63) }

func (p *providerSet) meets(q *providerSet) bool {
	for i := range p {
		if p[i]&q[i] != 0 {
			return true
		}
	}
	return false
}

// provider reads a provider's file.
func (l *loader) provider(name string) {
	var t providerTable
	lines, ok := l.decode(name, &t)
	if !ok {
		return
	}
	p := provider{id: base(name), title: t.Title, documentation: t.Documentation, file: name}
	if !validID(p.id) {
		l.bad(name, 1, "", "a provider's file is named with a-z, 0-9 and hyphens")
		return
	}
	if !l.user && (t.Title == "" || !plain(t.Title)) {
		l.bad(name, lines.key("title", 1), "", "title is missing or no plain text")
	}
	p.domains = l.hostNames(name, lines.key("domains", 1), t.Domains)
	p.hosts = l.hostNames(name, lines.key("hosts", 1), t.Hosts)
	for _, m := range t.Marks {
		line := lines.key("marks", 1)
		c, err := pattern.Compile(m)
		if err != nil {
			l.bad(name, line, "", fmt.Sprintf("mark %q: %v", m, err))
			continue
		}
		p.marks = append(p.marks, core{
			Rule:   Rule{ID: "mark:" + p.id, Pattern: m, File: name, Line: line},
			folded: c.Folded, needs: c.Needs, exact: c.Exact, weight: c.Weight,
		})
	}
	l.source.providers = append(l.source.providers, p)
	l.switchOff(name, t.Off, lines)
	for i := range t.Rule {
		l.rule(name, lines.header("rule", i), "", p.id, &t.Rule[i])
	}
}

// hostNames checks and folds the suffixes of host names.
func (l *loader) hostNames(file string, line int, names []string) []string {
	var out []string
	for _, n := range names {
		n = strings.ToLower(strings.Trim(n, "."))
		if n == "" || strings.ContainsAny(n, " @/*") {
			l.bad(file, line, "", fmt.Sprintf("%q is no domain name", n))
			continue
		}
		out = append(out, n)
	}
	return out
}

// bySuffix looks a host name up by its longest known suffix.
func bySuffix(table map[string]int, host string) (int, bool) {
	host = strings.Trim(host, ". []")
	for i := range len(host) {
		if c := host[i]; 'A' <= c && c <= 'Z' {
			host = strings.ToLower(host)
			break
		}
	}
	for host != "" {
		if i, ok := table[host]; ok {
			return i, true
		}
		_, rest, ok := strings.Cut(host, ".")
		if !ok {
			return 0, false
		}
		host = rest
	}
	return 0, false
}

// providersOf gives the providers that a recipient's servers and address point at.
// The server that spoke says it best; without one, the domain and the reporting
// server do.
func (s *Set) providersOf(r *dsn.Recipient) providerSet {
	var out providerSet
	if i, ok := bySuffix(s.hosts, r.RemoteServer); ok {
		out.add(i)
		return out
	}
	if i, ok := bySuffix(s.domains, dsn.DomainOf(r.Final)); ok {
		out.add(i)
	}
	if i, ok := bySuffix(s.hosts, r.ReportingServer); ok {
		out.add(i)
	}
	return out
}

// providerIndex gives the index of a provider, or -1.
func (s *Set) providerIndex(id string) int {
	for i := range s.providers {
		if s.providers[i].id == id {
			return i
		}
	}
	return -1
}
