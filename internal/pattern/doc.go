// Package pattern turns the patterns of rule files, RE2 expressions, into matchers
// for folded text (see package sift): it derives the literals that a text must hold
// to match, and matches by backtracking with a bounded number of steps, falling back
// to package regexp beyond it. It finds what package regexp would find.
package pattern
