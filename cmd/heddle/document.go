package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"heddle/internal/definition"
)

// document is a definition read from a file.
type document struct {
	file  string
	text  string                              // JSON, as it is sent
	place func(offset int) (line, column int) // in the file, of a byte of text
	fault *finding                            // why the file cannot be made JSON; nil if it can
}

// finding is a fault of a document, at its place in the file.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Code    string `json:"code"`
	Path    string `json:"path"` // JSON pointer into the definition
	Message string `json:"message"`
}

func (f finding) Error() string {
	text := fmt.Sprintf("%s:%d:%d: %s %s", f.File, f.Line, f.Column, f.Code, f.Message)
	if f.Path != "" {
		text += " (" + f.Path + ")"
	}
	return printable(text)
}

// codeNotJSON is the code of a definition that cannot be read at all.
const codeNotJSON = "FGS.1001"

// readDocument reads a definition, from the standard input if file is "-".
// YAML becomes JSON, its keys in their order and its numbers as they are
// written.
func (a *app) readDocument(file string) (document, error) {
	source, err := a.readFile(file)
	if err != nil {
		return document{}, usageError{err}
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yaml", ".yml":
		return documentFromYAML(file, source), nil
	default:
		text := string(source)
		place := func(offset int) (int, int) { return definition.Line(text, offset) }
		return document{file: file, text: text, place: place}, nil
	}
}

func documentFromYAML(file string, source []byte) document {
	c, fault := jsonFromYAML(source)
	d := document{file: file, text: c.text, place: c.place}
	if fault != nil {
		d.fault = &finding{File: file, Line: fault.line, Column: fault.column, Code: codeNotJSON, Message: fault.message}
	}
	return d
}

// readFile reads a file, or the standard input for "-".
func (a *app) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(a.in)
	}
	return os.ReadFile(name)
}

// lint returns the faults of the document.
func (d document) lint() []finding {
	if d.fault != nil {
		return []finding{*d.fault}
	}
	_, problems := definition.Parse(d.text)
	var findings []finding
	for _, p := range problems {
		line, column := d.place(p.Offset)
		findings = append(findings, finding{File: d.file, Line: line, Column: column, Code: p.Code, Path: p.Path, Message: p.Message})
	}
	return findings
}
