// Package policy decides when an address leaves a list: from the history of one
// address to what should become of it. A policy is data (TOML): groups of causes,
// each with the strikes it takes. The package keeps no state and reads no clock.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/whybounce/whybounce/rules"
)

// A Policy says when an address leaves the list.
type Policy struct {
	Name   string `toml:"name"`
	Title  string `toml:"title"`
	Source string `toml:"source"`
	// ReportOnly keeps every address on the list, whatever happens.
	ReportOnly bool `toml:"report-only"`
	// StrikesADay is how many strikes of a group an address can get on one day
	// (UTC); 0 is no limit.
	StrikesADay int `toml:"strikes-a-day"`
	// SuccessResets makes a success notice forget an address's strikes.
	SuccessResets bool `toml:"success-resets"`
	// Groups sort the failures: the first group that takes a failure counts it.
	Groups []Group `toml:"group"`

	text []byte
}

// A Group is a set of failures that count together.
type Group struct {
	Name string `toml:"name"`
	// Causes, Actions and Failures narrow what the group takes; an empty one takes all.
	Causes   []string           `toml:"causes"`
	Actions  []rules.ListAction `toml:"actions"`
	Failures string             `toml:"failures"` // "permanent", "temporary" or ""
	// Strikes is the score at which an address leaves; 0 is never.
	Strikes float64 `toml:"strikes"`
	// StrikesIfActive takes the place of Strikes after a success notice.
	StrikesIfActive float64 `toml:"strikes-if-active"`
	// AtLeast is how many failures it takes besides, whatever they weigh.
	AtLeast int `toml:"at-least"`
	// Soft is what a temporary failure weighs; a permanent one weighs 1.
	Soft float64 `toml:"soft"`
	// Suspend is the score at which the address gets no more mail, but stays known.
	Suspend float64 `toml:"suspend"`
	// Window is how far back strikes count; older ones are stale.
	Window Duration `toml:"window"`
	// Silence without a strike makes all strikes stale.
	Silence Duration `toml:"silence"`
	// Span is how far the first and the last strike must be apart, at least.
	Span Duration `toml:"span"`
	// Notice is how long the address is suspended before it is removed.
	Notice Duration `toml:"notice"`
	// EndsAfter is when a removal ends by itself; 0 is never.
	EndsAfter Duration `toml:"ends-after"`
	// MessagesADay, where set, makes the score the strikes times the share of the
	// list's messages that bounced: how many messages the list sends a day.
	MessagesADay float64 `toml:"messages-a-day"`
	// Lasting keeps a removal in spite of later success notices.
	Lasting bool `toml:"lasting"`
}

// Text returns the policy as it was written.
func (p *Policy) Text() []byte { return slices.Clone(p.text) }

// ID names the exact text of the policy.
func (p *Policy) ID() string {
	sum := sha256.Sum256(p.text)
	return hex.EncodeToString(sum[:12])
}

// Causes lists the causes that the policy names, each once, in its order.
func (p *Policy) Causes() []string {
	var all []string
	for i := range p.Groups {
		for _, cause := range p.Groups[i].Causes {
			if !slices.Contains(all, cause) {
				all = append(all, cause)
			}
		}
	}
	return all
}

// group returns the index of the group that counts an event, or -1.
func (p *Policy) group(e *Event) int {
	for i := range p.Groups {
		if p.Groups[i].takes(e) {
			return i
		}
	}
	return -1
}

func (g *Group) takes(e *Event) bool {
	switch g.Failures {
	case "permanent":
		if !e.Permanent {
			return false
		}
	case "temporary":
		if e.Permanent {
			return false
		}
	}
	if len(g.Causes) > 0 && !slices.Contains(g.Causes, e.Cause) {
		return false
	}
	return len(g.Actions) == 0 || slices.Contains(g.Actions, e.Action)
}

// weight is what an event counts.
func (g *Group) weight(e *Event) float64 {
	if e.Permanent {
		return 1
	}
	return g.Soft
}

// A Duration is a span of time, written in days ("30d"), hours ("12h") or both.
type Duration time.Duration
