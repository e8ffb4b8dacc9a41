package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// fingerprint gives a hash of all that decides verdicts.
func (s *Set) fingerprint() string {
	h := sha256.New()
	for _, c := range s.causes {
		fmt.Fprintf(h, "cause %+v\n", c)
	}
	for i := range s.rules {
		c := &s.rules[i].core
		fmt.Fprintf(h, "rule %q %q %q %q %q %q %q %q %q %v %v %v %v %q %q %v\n", c.ID, c.Cause, c.folded,
			c.Status, c.Reply, c.Stage, c.Provider, c.Server, c.Beats, c.Generic, c.Doubt, c.Harmless, c.Final, c.Action, c.Fix, c.User)
	}
	for _, p := range s.providers {
		fmt.Fprintf(h, "provider %q %q %q\n", p.id, p.domains, p.hosts)
		for _, m := range p.marks {
			fmt.Fprintf(h, "mark %q\n", m.folded)
		}
	}
	fmt.Fprintf(h, "codes %+v\n", s.codes)
	return hex.EncodeToString(h.Sum(nil)[:6])
}
