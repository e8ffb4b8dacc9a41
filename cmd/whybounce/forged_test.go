//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// forgery makes a bounce about user N that we never caused. The forger knows all but
// the key: the form of our return paths, a token that was made for himself, our
// domain, Message-IDs of messages that went to himself.
func forgery(random *rand.Rand, n int, own []string) (about, mail string) {
	about = fmt.Sprintf("user%d@example.com", n)
	local := fmt.Sprintf("user%d=example.com", n)
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	token := make([]byte, 20)
	for i := range token {
		token[i] = letters[random.IntN(len(letters))]
	}
	stolen := own[random.IntN(len(own))]
	to := []string{
		"bounces@lists.example.org",
		"bounces+" + local + "@lists.example.org",
		fmt.Sprintf("bounces+%s=%s@lists.example.org", token, local),
		strings.Replace(stolen, "mallory=example.net", local, 1),
		stolen,
		fmt.Sprintf("prvs=%s=bounces+%s@lists.example.org", token, local),
		fmt.Sprintf("SRS0=%s=%s=example.com=user%d@lists.example.org", token[4:], token[:4], n),
		stolen + ", <" + about + ">",
	}[n%8]
	id := []string{"", "<issue-7.mallory@example.org>", fmt.Sprintf("<issue-7.user%d@example.org>", random.IntN(1e9)), "<made.up@evil.example>"}[n/8%4]
	returned := "From: news@lists.example.net\r\nTo: " + about + "\r\n"
	if id != "" {
		returned += "Message-ID: " + id + "\r\n"
	}
	group := func(address string) string {
		return "Final-Recipient: rfc822; " + address + "\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
	}
	groups := group(about)
	if n%3 == 0 {
		groups += group("mallory@example.net")
	}
	return about, "From: MAILER-DAEMON@mail.example.net\r\nTo: " + to + "\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: " +
		time.Now().Format(time.RFC1123Z) + "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.net\r\n\r\n" +
		groups + "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + returned + "\r\n--b--\r\n"
}

// TestForged collects 200 forged bounces: whatever proof is asked for, none of them
// takes anybody off the list but the forger himself.
func TestForged(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := write("key", strings.Repeat("k", 32))
	var own []string
	for _, form := range []string{"verp", "prvs"} {
		out, err := exec.Command("whybounce", "verp", "sign", "--key", key, "--from", "bounces@lists.example.org", "--form", form, "mallory@example.net").Output()
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, strings.TrimSpace(string(out)))
	}
	ids := write("ids", "<issue-7.mallory@example.org> mallory@example.net\n<issue-7.bob@example.org> bob@example.com\n")
	random := rand.New(rand.NewPCG(3, 3))
	var mails, victims []string
	for n := range 200 {
		about, mail := forgery(random, n, own)
		mails, victims = append(mails, mail), append(victims, about)
	}
	box := filepath.Join(dir, "box")
	makeMaildir(t, box, mails)
	for _, proof := range [][]string{{"--key", key}, {"--message-ids", ids}, {"--own-domain", "example.org"}, {"--key", key, "--message-ids", ids, "--own-domain", "example.org"}} {
		book := filepath.Join(dir, proof[0]+fmt.Sprint(len(proof))+".db")
		collect(t, append(append([]string{"--ledger", book}, proof...), box)...)
		n, out := code(t, "export", "--ledger", book, "--preset", "mailman")
		if n != 0 {
			t.Fatal(out)
		}
		for _, line := range strings.Fields(out) {
			if line != "mallory@example.net" {
				t.Errorf("%v: %s is removed", proof, line)
			}
		}
	}
	book := filepath.Join(dir, "none.db")
	collect(t, "--ledger", book, box)
	if _, out := code(t, "export", "--ledger", book, "--preset", "mailman"); strings.Count(out, "\n") < len(victims)*7/8 {
		t.Errorf("without proof, these are no bounces that would count:\n%s", out)
	}
}
