package parser

import (
	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/parser/layouts"
)

// action says what became of all recipients, "" where that differs.
func (a *assembly) action() dsn.Action {
	first := a.actionOf(0)
	for i := range a.people {
		if a.actionOf(i) != first {
			return ""
		}
	}
	return first
}

// actionOf says what became of person i.
func (a *assembly) actionOf(i int) dsn.Action {
	if act := dsn.ParseAction(a.people[i].find.Action); act != "" {
		return act
	}
	if act := a.headingAction(i); act != "" {
		return act
	}
	if a.told == "" {
		if a.told = a.layoutAction(); a.told == "" {
			a.told = actionIn(a.r.scan.Subject, a.r.anyRole(0, a.to))
		}
	}
	return a.told
}

// actionIn tells an action from the phrases in a subject and in a text.
func actionIn(subject, text layouts.Roles) dsn.Action {
	switch {
	case subject.Has(layouts.RoleDelayed) && !subject.Has(layouts.RoleFinal):
		return dsn.Delayed
	case text.Has(layouts.RoleFinal), subject.Has(layouts.RoleFinal):
		return dsn.Failed
	case text.Has(layouts.RoleDelayed):
		return dsn.Delayed
	case (subject | text).Has(layouts.RoleDelivered) && !subject.Has(layouts.RoleFailed):
		return dsn.Delivered
	}
	return dsn.Failed
}

// layoutAction asks the layout's own phrases.
func (a *assembly) layoutAction() dsn.Action {
	if a.layout == nil {
		return ""
	}
	subject := a.r.doc.header.get("Subject")
	for _, try := range [...]struct {
		patterns []*layouts.Pattern
		action   dsn.Action
	}{{a.layout.Action.Delayed, dsn.Delayed}, {a.layout.Action.Delivered, dsn.Delivered}, {a.layout.Action.Failed, dsn.Failed}} {
		for _, p := range try.patterns {
			if a.r.scan.MatchSubject(p, subject) || a.r.scan.MatchAny(p, a.r.lines) {
				return try.action
			}
		}
	}
	return ""
}

// headingAction tells the action of person i from the nearest line above it that
// speaks of one, where the text speaks of several.
func (a *assembly) headingAction(i int) dsn.Action {
	if len(a.people) < 2 {
		return ""
	}
	all := a.r.anyRole(0, a.to)
	kinds := 0
	for _, role := range [...]layouts.Role{layouts.RoleFinal, layouts.RoleDelayed, layouts.RoleDelivered} {
		if all.Has(role) {
			kinds++
		}
	}
	if kinds < 2 {
		if all.Has(layouts.RoleDelivered) && all.Has(layouts.RoleFailed) {
			return a.deliveredOrFailed(i)
		}
		return ""
	}
	for n := min(a.people[i].line, len(a.r.lines)-1); n >= 0; n-- {
		switch roles := a.r.scan.Lines[n]; {
		case roles.Has(layouts.RoleDelayed):
			return dsn.Delayed
		case roles.Has(layouts.RoleFinal):
			return dsn.Failed
		case roles.Has(layouts.RoleDelivered):
			return dsn.Delivered
		case roles.Has(layouts.RoleFailed) && all.Has(layouts.RoleDelivered):
			return dsn.Failed
		}
	}
	return ""
}

// deliveredOrFailed tells the action of person i from the nearest line, its own or one
// above, in a text that speaks of recipients who got the mail and of others.
func (a *assembly) deliveredOrFailed(i int) dsn.Action {
	const told = 1<<layouts.RoleDelivered | 1<<layouts.RoleFailed
	for n := min(a.people[i].line, len(a.r.lines)-1); n >= 0; n-- {
		if roles := a.r.scan.Lines[n] & told; roles == 1<<layouts.RoleDelivered {
			return dsn.Delivered
		} else if roles != 0 {
			return dsn.Failed
		}
	}
	return ""
}
