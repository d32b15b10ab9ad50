package main

import (
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether a stream is a person's.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// columnsDefault is the width of a line that no terminal sets.
const columnsDefault = 80

// columns returns how many characters fit into a line of the output.
func (a *app) columns() int {
	if file, ok := a.out.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return columnsDefault
}

// style colours words for a terminal, and leaves them as they are elsewhere.
type style struct{ on bool }

func (a *app) style() style {
	return style{on: isTerminal(a.out) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"}
}

func (s style) bold(text string) string { return s.paint("1", text) }

// status paints the word of a status, which may have blanks around it.
func (s style) status(word, text string) string {
	switch word {
	case "SUCCESS":
		return s.paint("32", text)
	case "FAILED", "TIMEOUT", "ABORTED":
		return s.paint("31", text)
	default:
		return text
	}
}

func (s style) paint(colour, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
