package parser

import (
	"strings"
	"testing"
)

// bounceOf makes a bounce of a text and a delivery status.
func bounceOf(text, status string) string {
	return `From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: news-bounces@example.com
Subject: Undelivered Mail Returned to Sender
Date: Tue, 3 Mar 2026 09:00:00 +0100
Return-Path: <>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

` + text + `

--b
Content-Type: message/delivery-status

` + status + `

--b
Content-Type: message/rfc822

From: news@example.com
To: anja@example.org
Subject: News
Message-ID: <1@example.com>

Hello

--b--
`
}

// TestReadAndUnderstand holds what text and delivery status together mean.
func TestReadAndUnderstand(t *testing.T) {
	tests := []struct{ name, mail, want string }{
		{"the text knows the reason, the status does not", bounceOf(`This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  anja@example.org
    host mx.example.org [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<anja@example.org>:
    550 5.1.1 User unknown
  bert@example.net
    host mx.example.net [192.0.2.26]
    SMTP error from remote mail server after end of data:
    552 5.2.2 over quota`, `Reporting-MTA: dns; mx.example.com

Action: failed
Final-Recipient: rfc822;anja@example.org
Status: 5.0.0

Action: failed
Final-Recipient: rfc822;bert@example.net
Status: 5.0.0`), "bounce\nanja@example.org failed 5.1.1 550\nbert@example.net failed 5.2.2 552"},
		{"the status leaves one out", bounceOf(`This is the mail system at host mx.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<anja@example.org>: host mx.example.org[192.0.2.25] said: 550 5.1.1 unknown (in reply to RCPT TO command)

<bert@example.net>: host mx.example.net[192.0.2.25] said: 550 5.2.1 disabled (in reply to RCPT TO command)`, `Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822;anja@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown`), "bounce\nanja@example.org failed 5.1.1 550\nbert@example.net failed 5.2.1 550"},
		{"an alias that led elsewhere", bounceOf(`The original message was received at Tue, 3 Mar 2026 09:00:00 +0100
from client.example.com [192.0.2.1]

   ----- The following addresses had permanent fatal errors -----
<anja@other.example>
    (reason: 550 5.1.1 <anja@other.example>... User unknown)
    (expanded from: <anja@example.org>)

   ----- Transcript of session follows -----
... while talking to mx.other.example.:
>>> DATA
<<< 550 5.1.1 <anja@other.example>... User unknown
550 5.1.1 <anja@example.org>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)`, `Reporting-MTA: dns; mx.example.com

Final-Recipient: RFC822; anja@example.org
X-Actual-Recipient: RFC822; anja@other.example
Action: failed
Status: 5.1.1
Remote-MTA: DNS; mx.other.example
Diagnostic-Code: SMTP; 550 5.1.1 <anja@other.example>... User unknown`), "bounce\nanja@example.org failed 5.1.1 550"},
		{"an X.500 name in the status", bounceOf(`Your message did not reach some or all of the intended recipients.

      Subject:  News
      Sent:     3/3/2026 9:00 AM

The following recipient(s) could not be reached:

      anja@example.org on 3/3/2026 9:00 AM
            The e-mail account does not exist at the organization this message was sent to.
            <mx.example.com #5.1.1>`, `Reporting-MTA: dns;mx.example.com

Final-Recipient: x400;/O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=ANJA
Action: failed
Status: 5.1.1`), "bounce\nanja@example.org failed 5.1.1"},
		{"an X.500 name in the clothes of an address", bounceOf(`Delivery has failed to these recipients or groups:

anja@example.org
The e-mail address you entered couldn't be found.

Diagnostic information for administrators:

Generating server: mx.example.com

IMCEAEX-_O=EXAMPLE_OU=FIRST+20ORG_CN=RECIPIENTS_CN=anja@example.com
#550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found ##`, `Reporting-MTA: dns;mx.example.com

Final-Recipient: rfc822;IMCEAEX-_O=EXAMPLE_OU=FIRST+20ORG_CN=RECIPIENTS_CN=anja@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found`), "bounce\nanja@example.org failed 5.1.1 550"},
		{"the status came as text", strings.Replace(bounceOf("It could not be delivered.", `Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822;anja@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown`), "message/delivery-status", "text/plain", 1), "bounce\nanja@example.org failed 5.1.1 550"},
		{"a vacation in front of a full mailbox", `From: anja@example.org
To: news@example.com
Subject: Out of office
Auto-Submitted: auto-replied
Return-Path: <>

I am out of the office until March 9. My mailbox is full, your message
could not be delivered to me; please write to bert@example.org: he is my deputy.
`, "auto-reply"},
		{"an advertisement in the clothes of a bounce", `From: "Mail Delivery Subsystem" <sales@cheap.example>
To: news@example.com
Subject: Returned mail: see attached
Return-Path: <sales@cheap.example>

Your mailbox is almost full! Click here http://cheap.example/login to
increase your quota, or your mail will be undeliverable. Contact help@cheap.example
`, "other"},
		{"an advertisement by a namesake of the mail system", `From: "Mail Delivery System" <promo@cheap.example>
To: news@example.com
Subject: Undelivered Mail: your parcel

Dear customer, your parcel could not be delivered to your address. Contact win@cheap.example
`, "other"},
		{"a delivery denied", `From: MAILER-DAEMON@mx.example.it
To: news@example.com
Subject: Messaggio non recapitato
Content-Type: text/plain; charset=utf-8

Il tuo messaggio non è stato recapitato al seguente destinatario:

anja@example.it

Motivo: utente sconosciuto
`, "bounce\nanja@example.it failed"},
		{"a bounce in a forwarded mail", `From: Bert <bert@example.com>
To: list@example.com
Subject: FW: Undeliverable: News

Why does this happen all the time? Please have a look.

-----Original Message-----
From: Mail Delivery System [mailto:MAILER-DAEMON@mx.example.com]
To: Bert
Subject: Undeliverable: News

This is the mail system at host mx.example.com.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<anja@example.org>: host mx.example.org[192.0.2.25] said: 550 5.1.1 unknown (in reply to RCPT TO command)
`, "other"},
		{"only the return path names the recipient", `From: MAILER-DAEMON@mx.example.org
To: news-bounces+anja=example.org@example.com
Subject: failure notice
Return-Path: <>

Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message.
This is a permanent error; I've given up. Sorry it didn't work out.
`, "bounce\nanja@example.org failed"},
		{"a list of names in a header, one of them in the text", `From: Mail Delivery System <Mailer-Daemon@mx.example.org>
To: news@example.com
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: anja@example.org, bert@example.org
Return-Path: <>

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  anja@example.org
    Unrouteable address
`, "bounce\nanja@example.org failed\nbert@example.org failed"},
	}
	for _, test := range tests {
		m, err := Read(strings.NewReader(test.mail), Limits{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := says(m); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}
