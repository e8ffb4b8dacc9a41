package parser

// This file is a stand-in until readDocument lands; delete it then.

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

func readDocument(r io.Reader, _ Limits) (*document, error) {
	b, err := io.ReadAll(io.LimitReader(r, 8<<20))
	if err != nil {
		return nil, err
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	b = bytes.TrimLeft(b, "\n \t")
	if bytes.HasPrefix(b, []byte("From ")) {
		if i := bytes.IndexByte(b, '\n'); i > 0 {
			b = b[i+1:]
		}
	}
	return standInDoc(string(b), 0), nil
}

func standInSplit(s string) (header, string) {
	var h header
	for s != "" {
		line, rest, _ := strings.Cut(s, "\n")
		if strings.TrimSpace(line) == "" {
			s = rest
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].value += " " + strings.TrimSpace(line)
		} else if n, v, ok := strings.Cut(line, ":"); ok && !strings.Contains(strings.TrimSpace(n), " ") {
			h = append(h, field{strings.TrimSpace(n), strings.TrimSpace(v)})
		} else {
			break
		}
		s = rest
	}
	var dec mime.WordDecoder
	for i := range h {
		if d, err := dec.DecodeHeader(h[i].value); err == nil {
			h[i].value = d
		}
	}
	return h, s
}

func standInGet(h header, name string) string {
	for _, f := range h {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func standInDoc(s string, depth int) *document {
	d := &document{layer: "raw"}
	var body string
	d.header, body = standInSplit(s)
	mt, params, _ := mime.ParseMediaType(standInGet(d.header, "Content-Type"))
	d.mediaType, d.reportType = mt, strings.ToLower(params["report-type"])
	if mt == "" {
		d.mediaType = "text/plain"
	}
	standInPart(d, d.header, body, depth)
	return d
}

func standInPart(d *document, h header, body string, depth int) {
	mt, params, _ := mime.ParseMediaType(standInGet(h, "Content-Type"))
	if mt == "" {
		mt = "text/plain"
	}
	switch strings.ToLower(standInGet(h, "Content-Transfer-Encoding")) {
	case "base64":
		if b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", "")); err == nil {
			body = string(b)
		}
	case "quoted-printable":
		if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body))); err == nil {
			body = string(b)
		}
	}
	switch {
	case strings.HasPrefix(mt, "multipart/") && depth < 20:
		mr := multipart.NewReader(strings.NewReader(body), params["boundary"])
		for {
			p, err := mr.NextRawPart()
			if err != nil {
				return
			}
			b, _ := io.ReadAll(p)
			var ph header
			for k, vs := range p.Header {
				for _, v := range vs {
					ph = append(ph, field{k, v})
				}
			}
			standInPart(d, ph, string(b), depth+1)
		}
	case mt == "message/delivery-status" || mt == "message/global-delivery-status":
		d.statuses = append(d.statuses, body)
	case mt == "message/feedback-report":
		d.feedback = append(d.feedback, body)
	case mt == "message/disposition-notification":
		d.dispositions = append(d.dispositions, body)
	case mt == "application/json":
		d.json = append(d.json, body)
	case mt == "message/rfc822" || mt == "text/rfc822-headers" || mt == "message/global":
		d.attached = append(d.attached, standInDoc(strings.TrimLeft(body, "\n"), depth+1))
	case strings.HasPrefix(mt, "text/plain"):
		d.prose = append(d.prose, strings.Split(strings.TrimRight(body, "\n"), "\n")...)
	}
}
