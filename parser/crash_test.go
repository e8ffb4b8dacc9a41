package parser

import (
	"errors"
	"testing"
)

type crashing struct{}

func (crashing) Read([]byte) (int, error) { panic("on demand") }

func TestCrash(t *testing.T) {
	m, err := Read(crashing{}, Limits{})
	if m != nil || !errors.Is(err, ErrCrash) {
		t.Errorf("%v, %v", m, err)
	}
}
