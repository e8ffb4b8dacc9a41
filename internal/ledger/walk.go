package ledger

import (
	"context"

	"github.com/whybounce/whybounce/dsn"
	"github.com/whybounce/whybounce/internal/policy"
	"github.com/whybounce/whybounce/rules"
)

// chunk is how many addresses one transaction of a long walk takes.
const chunk = 2000

// SetPolicy makes a policy the one that decides, and decides anew about every
// address. Should it be cut short, Resume goes on.
func (l *Ledger) SetPolicy(ctx context.Context, p *policy.Policy) error {
	if p.ID() == l.policy.ID() {
		return l.Resume(ctx)
	}
	return l.change(ctx, func() error { return l.setMeta("policy", string(p.Text())) })
}

// SetVerified says whether only proven bounces may lead to a removal.
func (l *Ledger) SetVerified(ctx context.Context, on bool) error {
	if on == l.verified {
		return l.Resume(ctx)
	}
	n := int64(0)
	if on {
		n = 1
	}
	return l.change(ctx, func() error { return l.setNumber("verified", n) })
}

// change writes a setting that decides, and decides anew.
func (l *Ledger) change(ctx context.Context, set func() error) error {
	err := l.transaction("changing the policy", func() error {
		if err := l.tick(l.options.Now()); err != nil {
			return err
		}
		if err := set(); err != nil {
			return err
		}
		return l.setNumber("walk", 1)
	})
	if err != nil {
		return err
	}
	if err := l.load(); err != nil {
		return err
	}
	return l.Resume(ctx)
}

// Pending tells that a change of policy has not reached all addresses.
func (l *Ledger) Pending() (bool, error) { return l.flag("walk") }

// Resume ends a walk that was cut short. The setting walk holds the address to
// go on after, plus 1.
func (l *Ledger) Resume(ctx context.Context) error {
	for {
		next, err := l.number("walk")
		if err != nil || next == 0 {
			return err
		}
		_, err = l.write(ctx, "deciding anew", func(w *writing) error {
			last, err := w.touchAfter(next-1, nil)
			if err != nil {
				return err
			}
			return w.setNumber("walk", last)
		})
		if err != nil {
			return err
		}
	}
}

// touchAfter touches the next chunk of addresses. It returns what to store as
// the place to go on, 0 at the end.
func (w *writing) touchAfter(after int64, visit func(*address) error) (int64, error) {
	addresses, err := w.addressesAfter(after, chunk)
	if err != nil {
		return 0, err
	}
	for _, a := range addresses {
		w.addresses[a.email] = a
		if visit == nil {
			w.touch(a)
		} else if err := visit(a); err != nil {
			return 0, err
		}
	}
	if len(addresses) < chunk {
		return 0, nil
	}
	return addresses[len(addresses)-1].id + 1, nil
}

// Rejudge explains every failure again that other rules have explained. A run
// that is cut short goes on where it stopped.
func (l *Ledger) Rejudge(ctx context.Context, rulesVersion string, explain func(address string, r *dsn.Recipient) rules.Verdict) (changed int, err error) {
	for {
		next, err := l.number("rejudge")
		if err != nil {
			return changed, err
		}
		n := 0
		var last int64
		_, err = l.write(ctx, "judging again", func(w *writing) error {
			last, err = w.touchAfter(max(next-1, 0), func(a *address) error {
				m, err := w.rejudge(a, rulesVersion, explain)
				n += m
				return err
			})
			if err != nil {
				return err
			}
			return w.setNumber("rejudge", last)
		})
		if err != nil {
			return changed, err
		}
		changed += n
		if last == 0 {
			return changed, nil
		}
	}
}

// rejudge explains the failures of one address again.
func (w *writing) rejudge(a *address, rulesVersion string, explain func(address string, r *dsn.Recipient) rules.Verdict) (changed int, err error) {
	history, err := w.history(a)
	if err != nil {
		return 0, err
	}
	for _, s := range history {
		if s.Kind != policy.Failure && s.Kind != policy.Notice || s.RulesVersion == rulesVersion {
			continue
		}
		if err := s.unpack(s.data); err != nil {
			return changed, w.damaged("event %d cannot be unpacked: %w", s.id, err)
		}
		if s.explained(explain(s.Address, &s.Recipient)) {
			changed++
		}
		s.RulesVersion = rulesVersion
		if s.data, err = s.pack(); err != nil {
			return changed, err
		}
		if err := w.updateEvent(a, s); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// explained takes a new verdict over, and tells whether it differs where it matters.
func (s *stored) explained(v rules.Verdict) bool {
	same := s.Cause == v.Cause && s.Action == v.ListAction && s.Permanent == v.Permanent && s.Outcome == v.Outcome
	s.Cause, s.Action, s.Permanent, s.Outcome = v.Cause, v.ListAction, v.Permanent, v.Outcome
	s.Status, s.Reply, s.Evidence = v.Status, v.Reply, v.Evidence
	s.Kind = KindOf(v.Outcome, s.Recipient.Action)
	return !same
}

// KindOf says what an outcome means to a policy. Only mail that was delivered, not
// one that was passed on, shows that an address lives.
func KindOf(outcome rules.Outcome, action dsn.Action) policy.EventKind {
	switch {
	case outcome == rules.OutcomeFailed:
		return policy.Failure
	case outcome == rules.OutcomeComplaint:
		return policy.Complaint
	case outcome == rules.OutcomeDelivered && (action == dsn.Delivered || action == ""):
		return policy.Success
	}
	return policy.Notice
}

// Simulate replays every history under some policies and reports each change of
// state, address by address. Nothing is written.
func (l *Ledger) Simulate(ctx context.Context, policies []*policy.Policy, changed func(p int, email string, d policy.Decision)) error {
	now := l.options.Now()
	for after := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		addresses, err := l.addressesAfter(after, chunk)
		if err != nil {
			return err
		}
		for _, a := range addresses {
			history, err := l.history(a)
			if err != nil {
				return err
			}
			events := l.judged(history)
			for i, p := range policies {
				p.Replay(events, now, func(d policy.Decision) { changed(i, a.email, d) })
			}
		}
		if len(addresses) < chunk {
			return nil
		}
		after = addresses[len(addresses)-1].id
	}
}

// Each visits every event, address by address, for a backup or a comparison.
func (l *Ledger) Each(ctx context.Context, visit func(*Event) error) error {
	for after := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		addresses, err := l.addressesAfter(after, chunk)
		if err != nil {
			return err
		}
		for _, a := range addresses {
			events, err := l.History(a.email)
			if err != nil {
				return err
			}
			for i := range events {
				if err := visit(&events[i]); err != nil {
					return err
				}
			}
		}
		if len(addresses) < chunk {
			return nil
		}
		after = addresses[len(addresses)-1].id
	}
}
