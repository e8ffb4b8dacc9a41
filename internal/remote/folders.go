package remote

// FoldersOf returns the folder that a URL names; none for POP3.
func FoldersOf(url string) []string {
	a, err := parseAddress(url)
	if err != nil || a.pop3() {
		return nil
	}
	return []string{a.folder}
}

// CheckURL tells what is wrong with a URL, before anything is opened.
func CheckURL(url string) error {
	_, err := parseAddress(url)
	return err
}
