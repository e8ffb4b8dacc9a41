// Package layouts holds what is known of how mail servers lay out the bounces
// that they write in prose. It is data: one TOML file a server, and general.toml
// with the words that any bounce may use, in many languages. The package loads
// and checks it, and finds in one pass over a text which of it applies; reading
// recipients out of the text is the parser's work.
//
// Patterns are RE2, case-insensitive. The literals that a pattern needs are
// derived from it and sift the text before a pattern is compiled or runs.
package layouts
