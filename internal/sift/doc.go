// Package sift finds, in one pass over a text, which of many sets of literals occur
// in it. It serves to skip regular expressions that cannot match. Texts and
// literals are compared in a folded form: lower case, one space for any run of
// white space, plain quotes for typographic ones.
package sift
