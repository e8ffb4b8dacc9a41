package parser

import (
	"slices"
	"testing"
)

func TestHeader(t *testing.T) {
	h := header{{"Received", "one"}, {"Subject", "hello"}, {"RECEIVED", "two"}, {"X-Empty", ""}}
	if got := h.get("subject"); got != "hello" {
		t.Errorf("get(subject) = %q", got)
	}
	if got := h.get("To"); got != "" {
		t.Errorf("get(To) = %q", got)
	}
	if got := h.all("received"); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("all(received) = %q", got)
	}
	if !h.has("x-empty") || h.has("X-Other") {
		t.Error("has is wrong about X-Empty or X-Other")
	}
}
