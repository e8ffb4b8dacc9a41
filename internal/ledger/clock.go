package ledger

import (
	"fmt"
	"time"
)

const (
	// back is how far the clock may go back: adjustments, not a wrong day.
	back = time.Hour
	// ahead is how long a ledger may lie unused before a jump of the clock is the likelier reason.
	ahead = 2 * 365 * 24 * time.Hour
)

// CheckClock refuses a clock that cannot be right.
func (l *Ledger) CheckClock() error {
	_, err := l.checkClock(l.options.Now())
	return err
}

func (l *Ledger) checkClock(now time.Time) (last int64, err error) {
	if last, err = l.number("clock"); err != nil || last == 0 {
		return last, err
	}
	seen := time.Unix(last, 0).UTC()
	what := ""
	switch {
	case now.Before(seen.Add(-back)):
		what = "goes back"
	case now.After(seen.Add(ahead)):
		what = "has jumped ahead"
	default:
		return last, nil
	}
	return last, &Error{Clock, l.path, fmt.Errorf("the clock %s: it says %s, the ledger was last written at %s",
		what, now.UTC().Format(time.RFC3339), seen.Format(time.RFC3339)),
		fmt.Sprintf("nothing was changed; set the clock right, or if it is right now, run `whybounce ledger clock --accept --ledger %s`", l.path)}
}

// tick moves the ledger's clock on.
func (l *Ledger) tick(now time.Time) error {
	last, err := l.checkClock(now)
	if err != nil || now.Unix() <= last {
		return err
	}
	return l.setNumber("clock", now.Unix())
}

// AcceptClock takes the present time for right, whatever it was before.
func (l *Ledger) AcceptClock() error {
	return l.transaction("setting the clock", func() error {
		return l.setNumber("clock", l.options.Now().Unix())
	})
}
