package remote

// FoldersOf returns the folder that a URL names; none for POP3.
func FoldersOf(url string) []string {
	a, err := parseAddress(url)
	if err != nil || a.pop3() {
		return nil
	}
	return []string{a.folder}
}
