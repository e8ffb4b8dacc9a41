package policy

import (
	"slices"
	"time"

	"github.com/whybounce/whybounce/rules"
)

// An EventKind says what an event means to a policy.
type EventKind uint8

// The kinds of event.
const (
	Failure   EventKind = iota + 1 // mail failed for good
	Complaint                      // the recipient reported the mail
	Success                        // a success notice
	Restored                       // a person put the address back
	Notice                         // anything else, such as a delay: no strike
)

// An Event is one thing that happened to an address.
type Event struct {
	ID        int64
	At        time.Time
	Kind      EventKind
	Cause     string
	Action    rules.ListAction
	Permanent bool
	// Unproven marks a failure that must not lead to a removal.
	Unproven bool
}

// A State is what should become of an address.
type State string

// The states.
const (
	Stays        State = "keep"     // nothing that counts enough
	Suspended    State = "suspend"  // gets no mail for now, may be removed later
	Removed      State = "remove"   // leaves the list
	Ended        State = "ended"    // its removal is over by time
	Delivered    State = "alive"    // a success notice ended its removal
	PutBack      State = "restored" // a person ended its removal
	notYetJudged State = ""
)

// Leaves tells whether the address gets no mail.
func (s State) Leaves() bool { return s == Removed || s == Suspended }

// A Decision is what a policy says of an address.
type Decision struct {
	State State
	Group string
	Cause string
	// Since is when the state began; Next is when it changes by itself, or zero.
	Since, Next time.Time
	// First and Last are the first and last failure.
	First, Last time.Time
	// Strikes counts the strikes that led to the state, or those that stand.
	Strikes int
	// Event is the event that decided, 0 without one.
	Event int64
}

// Judge says what the policy makes of a history at a moment. The order of the
// history does not matter, except among events of the same second.
func (p *Policy) Judge(history []Event, now time.Time) Decision {
	j := judge{policy: p}
	return j.run(history, now)
}

// Replay is Judge that also reports each change of state, in order.
func (p *Policy) Replay(history []Event, now time.Time, changed func(Decision)) Decision {
	j := judge{policy: p, changed: changed}
	return j.run(history, now)
}

// A judge walks through one history.
type judge struct {
	policy  *Policy
	changed func(Decision)
	strikes [][]strike // by group
	active  bool       // a success notice was seen
	group   *Group     // that led to the state
	d       Decision
}

type strike struct {
	at     time.Time
	weight float64
}

func (j *judge) run(history []Event, now time.Time) Decision {
	events := slices.Clone(history)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	j.strikes = make([][]strike, len(j.policy.Groups))
	j.d.State = Stays
	for i := range events {
		j.advance(events[i].At)
		j.event(&events[i])
	}
	j.advance(now)
	if j.d.State == Stays {
		j.d.Strikes = j.standing(now)
	}
	return j.d
}

// advance makes the changes that come with time alone, up to t.
func (j *judge) advance(t time.Time) {
	for !j.d.Next.IsZero() && !j.d.Next.After(t) {
		at := j.d.Next
		j.d.Next = time.Time{}
		if j.d.State == Suspended {
			j.d.Since = at
			j.enter(Removed, at)
			continue
		}
		j.forget()
		j.enter(Ended, at)
	}
}

// enter begins a state.
func (j *judge) enter(s State, at time.Time) {
	j.d.State, j.d.Since, j.d.Next = s, at, time.Time{}
	if j.group != nil && s == Removed && j.group.EndsAfter > 0 {
		j.d.Next = at.Add(time.Duration(j.group.EndsAfter))
	}
	if j.changed != nil {
		j.changed(j.d)
	}
}

// forget drops all strikes.
func (j *judge) forget() {
	for i := range j.strikes {
		j.strikes[i] = nil
	}
}

func (j *judge) event(e *Event) {
	switch e.Kind {
	case Success:
		j.success(e)
	case Restored:
		j.forget()
		j.group = nil
		j.d.Event = e.ID
		j.enter(PutBack, e.At)
	case Failure, Complaint:
		if j.d.First.IsZero() {
			j.d.First = e.At
		}
		j.d.Last = e.At
		if !e.Unproven && !j.policy.ReportOnly {
			j.strike(e)
		}
	}
}

func (j *judge) success(e *Event) {
	j.active = true
	if !j.policy.SuccessResets {
		return
	}
	j.forget()
	if j.d.State.Leaves() && (j.group == nil || !j.group.Lasting) {
		j.d.Event = e.ID
		j.enter(Delivered, e.At)
	}
}

// strike counts a failure in its group and sees whether that is enough.
func (j *judge) strike(e *Event) {
	n := j.policy.group(e)
	if n < 0 {
		return
	}
	g := &j.policy.Groups[n]
	if g.Strikes == 0 && g.Suspend == 0 || g.weight(e) == 0 {
		return
	}
	j.strikes[n] = g.fresh(j.strikes[n], e.At)
	if !j.dayTaken(j.strikes[n], e.At) {
		j.strikes[n] = append(j.strikes[n], strike{e.At, g.weight(e)})
	}
	j.consider(g, j.strikes[n], e)
}

// dayTaken tells whether the day of t has all the strikes that it can have.
func (j *judge) dayTaken(strikes []strike, t time.Time) bool {
	limit := j.policy.StrikesADay
	if limit == 0 || len(strikes) < limit {
		return false
	}
	day := t.UTC().Truncate(24 * time.Hour)
	return !strikes[len(strikes)-limit].at.Before(day)
}

// fresh drops the strikes that are stale at t.
func (g *Group) fresh(strikes []strike, t time.Time) []strike {
	if g.Silence > 0 && len(strikes) > 0 && t.Sub(strikes[len(strikes)-1].at) > time.Duration(g.Silence) {
		return nil
	}
	if g.Window == 0 {
		return strikes
	}
	for len(strikes) > 0 && t.Sub(strikes[0].at) > time.Duration(g.Window) {
		strikes = strikes[1:]
	}
	return strikes
}

// consider moves the address on when its strikes are enough.
func (j *judge) consider(g *Group, strikes []strike, e *Event) {
	next := g.verdict(strikes, j.active)
	if next == notYetJudged || !j.worse(next, g) {
		return
	}
	j.group = g
	j.d.Group, j.d.Cause, j.d.Event, j.d.Strikes = g.Name, e.Cause, e.ID, len(strikes)
	if next == Removed && g.Notice > 0 {
		j.enter(Suspended, e.At)
		j.d.Next = e.At.Add(time.Duration(g.Notice))
		return
	}
	j.enter(next, e.At)
}

// worse tells whether a state says more than the present one: a removal that
// does not end more than one that does, and that more than a suspension.
func (j *judge) worse(next State, g *Group) bool {
	switch j.d.State {
	case Removed:
		return next == Removed && (!j.d.Next.IsZero() && g.EndsAfter == 0 || g.Lasting && !j.group.Lasting)
	case Suspended:
		return next == Removed && (j.d.Next.IsZero() || g.Notice == 0)
	}
	return true
}

// verdict says what the strikes amount to.
func (g *Group) verdict(strikes []strike, active bool) State {
	if len(strikes) == 0 || len(strikes) < g.AtLeast {
		return notYetJudged
	}
	between := strikes[len(strikes)-1].at.Sub(strikes[0].at)
	if between < time.Duration(g.Span) {
		return notYetJudged
	}
	score := g.score(strikes, between)
	need := g.Strikes
	if active && g.StrikesIfActive > 0 {
		need = g.StrikesIfActive
	}
	if need > 0 && score >= need {
		return Removed
	}
	if g.Suspend > 0 && score >= g.Suspend {
		return Suspended
	}
	return notYetJudged
}

func (g *Group) score(strikes []strike, between time.Duration) float64 {
	score := 0.0
	for i := range strikes {
		score += strikes[i].weight
	}
	if g.MessagesADay == 0 {
		return score
	}
	days := between.Hours()/24 + 1
	sent := max(g.MessagesADay*days, float64(len(strikes)))
	return score * float64(len(strikes)) / sent
}

// standing counts the strikes of the group that has most of them.
func (j *judge) standing(now time.Time) int {
	most := 0
	for i := range j.strikes {
		most = max(most, len(j.policy.Groups[i].fresh(j.strikes[i], now)))
	}
	return most
}
