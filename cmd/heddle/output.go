package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// format is how results are printed. It is the value of a flag.
type format string

const (
	formatTable format = "table" // for people
	formatJSON  format = "json"  // as the API answers
)

// String returns the format's name.
func (f *format) String() string { return string(*f) }

// Type names the flag's value in the help text.
func (f *format) Type() string { return "format" }

// Set reads the flag's value.
func (f *format) Set(text string) error {
	if text != string(formatTable) && text != string(formatJSON) {
		return fmt.Errorf("it must be %s or %s", formatTable, formatJSON)
	}
	*f = format(text)
	return nil
}

// print writes the result of a command: v as JSON if that was asked for, or
// what table writes.
func (a *app) print(v any, table func(w io.Writer)) error {
	if a.format == formatJSON {
		return printJSON(a.out, v, "  ")
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', tabwriter.StripEscape)
	table(w)
	return w.Flush()
}

// printJSON writes v as JSON and leaves <, > and & as they are.
func printJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// row writes the cells of a table's row.
func row(w io.Writer, cells ...string) {
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

// printable makes one line of a text that others chose: without line ends, and
// without anything that a terminal would obey.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		default:
			return unicode.ReplacementChar
		}
	}, text)
}

// cut shortens a text to at most width characters.
func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:max(width-1, 0)]) + "…"
	}
	return text
}

// between returns the time from one moment to another, both as the API writes
// them, or an empty text if one of them is missing.
func between(from, to string) string {
	began, errFrom := time.Parse(time.RFC3339, from)
	ended, errTo := time.Parse(time.RFC3339, to)
	if errFrom != nil || errTo != nil {
		return ""
	}
	return seconds(ended.Sub(began))
}

// seconds writes a duration to the millisecond, in seconds up to an hour.
func seconds(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%.3fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
