// Package sift finds, in one pass over a text, which of many things can be in it at
// all, by the literals that each of them needs. It serves to skip regular expressions
// that cannot match. Texts and literals are compared in a folded form: lower case, one
// space for any run of white space, plain quotes for typographic ones.
package sift
