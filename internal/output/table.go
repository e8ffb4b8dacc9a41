package output

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

// WriteTable writes a list in any of the Formats: as columns for people, as an
// array of objects, as an object a line, or as CSV. The columns are the keys.
func WriteTable(w io.Writer, format string, columns []string, rows [][]string) error {
	out := bufio.NewWriter(w)
	switch format {
	case "text":
		writeColumns(out, columns, rows)
	case "csv":
		if err := writeCSV(out, columns, rows); err != nil {
			return err
		}
	case "json", "jsonl":
		writeObjects(out, format == "json", columns, rows)
	default:
		return noFormat(format)
	}
	return out.Flush()
}

func noFormat(format string) error {
	return fmt.Errorf("no format is called %q; there are %s", format, strings.Join(Formats(), ", "))
}

// maxColumn is the width to which columns for people are cut, the last one aside.
const maxColumn = 48

func writeColumns(out *bufio.Writer, columns []string, rows [][]string) {
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = strings.ToUpper(strings.ReplaceAll(c, "_", " "))
	}
	widths := make([]int, len(columns))
	all := append([][]string{heads}, rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], min(uniseg.StringWidth(Clean(cell)), maxColumn))
		}
	}
	for _, row := range all {
		for i, cell := range row {
			cell = Clean(cell)
			if i < len(row)-1 {
				cell = fit(cell, maxColumn)
			}
			out.WriteString(cell)
			if i < len(row)-1 {
				out.WriteString(strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell)+2))
			}
		}
		out.WriteByte('\n')
	}
}

// fit cuts s to a width, with an ellipsis.
func fit(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	used := 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used+g.Width() > width-1 {
			from, _ := g.Positions()
			return s[:from] + "…"
		}
		used += g.Width()
	}
	return s
}

func writeCSV(out *bufio.Writer, columns []string, rows [][]string) error {
	table := csv.NewWriter(out)
	if err := table.Write(columns); err != nil {
		return err
	}
	record := make([]string, len(columns))
	for _, row := range rows {
		for i, cell := range row {
			record[i] = Cell(cell)
		}
		if err := table.Write(record); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

func writeObjects(out *bufio.Writer, array bool, columns []string, rows [][]string) {
	start, between, end := "", "\n", "\n"
	if array {
		start, between, end = "[\n", ",\n", "\n]\n"
	}
	if len(rows) == 0 {
		if array {
			out.WriteString("[]\n")
		}
		return
	}
	out.WriteString(start)
	for i, row := range rows {
		if i > 0 {
			out.WriteString(between)
		}
		var b []byte
		for j, cell := range row {
			sep := byte(',')
			if j == 0 {
				sep = '{'
			}
			b = append(AppendString(append(b, sep), columns[j]), ':')
			b = AppendString(b, cell)
		}
		out.Write(append(b, '}'))
	}
	out.WriteString(end)
}
