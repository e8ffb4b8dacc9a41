package parser

import "testing"

func TestLayouts(t *testing.T) {
	if err := CheckLayouts(nil); err != nil {
		t.Error(err)
	}
}
