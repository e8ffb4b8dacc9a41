package parser

// readProse reads the human-readable text of a message.
func readProse(doc *document) proseReport {
	return proseReport{returnedAt: len(doc.prose)}
}
