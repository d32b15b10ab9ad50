package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of the conversion. A definition may be far smaller; they end what
// aliases that repeat each other, or contain themselves, would make of it.
const (
	convertedMax = 1 << 20 // bytes of JSON
	depthMax     = 100
)

// converted is YAML as JSON.
type converted struct {
	text  string
	marks []mark // in the order of text
}

// mark says where in the YAML stands what begins at an offset of the JSON.
type mark struct{ offset, line, column int }

// place returns where in the YAML stands what the byte of the JSON belongs to.
func (c converted) place(offset int) (line, column int) {
	after := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].offset > offset })
	if after == 0 {
		return 1, 1
	}
	m := c.marks[after-1]
	return m.line, m.column
}

// yamlFault is what YAML has that JSON cannot say, or no YAML at all.
type yamlFault struct {
	line, column int
	message      string
}

// jsonFromYAML converts one YAML document. Keys keep their order, numbers stay
// as they are written, and nothing is guessed: what JSON has no word for is a
// fault.
func jsonFromYAML(source []byte) (converted, *yamlFault) {
	d := yaml.NewDecoder(bytes.NewReader(source))
	var document, second yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return converted{}, nil
	case err != nil:
		return converted{}, faultFromSyntax(err)
	}
	switch err := d.Decode(&second); {
	case err == nil:
		return converted{}, faultAt(&second, "the file must hold one YAML document, and here begins a second one")
	case !errors.Is(err, io.EOF):
		return converted{}, faultFromSyntax(err)
	}
	var w yamlWriter
	if fault := w.node(&document, 0); fault != nil {
		return converted{}, fault
	}
	return converted{text: w.json.String(), marks: w.marks}, nil
}

// syntaxLine finds the line in the library's message, its only form of it.
var syntaxLine = regexp.MustCompile(`^yaml: line (\d+): `)

func faultFromSyntax(err error) *yamlFault {
	f := &yamlFault{line: 1, column: 1, message: "the file is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		f.line, _ = strconv.Atoi(m[1])
		f.message = "the file is not YAML: " + err.Error()[len(m[0]):]
	}
	return f
}

// yamlWriter writes nodes as JSON and notes where they stood.
type yamlWriter struct {
	json  strings.Builder
	marks []mark
}

func (w *yamlWriter) node(n *yaml.Node, depth int) *yamlFault {
	w.marks = append(w.marks, mark{offset: w.json.Len(), line: n.Line, column: n.Column})
	if w.json.Len() > convertedMax || depth > depthMax {
		return faultAt(n, "the document is too large or too deep, perhaps through an alias that contains itself")
	}
	switch tag := n.ShortTag(); {
	case n.Kind == yaml.DocumentNode:
		return w.node(n.Content[0], depth)
	case n.Kind == yaml.AliasNode:
		return w.node(n.Alias, depth+1)
	case n.Kind == yaml.MappingNode && tag == "!!map":
		return w.mapping(n, depth)
	case n.Kind == yaml.SequenceNode && tag == "!!seq":
		return w.sequence(n, depth)
	case n.Kind == yaml.ScalarNode:
		return w.scalar(n, tag)
	default:
		return faultAt(n, "the tag "+tag+" has no meaning in JSON")
	}
}

func (w *yamlWriter) mapping(n *yaml.Node, depth int) *yamlFault {
	w.json.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return faultAt(key, "a key must be a plain text; merge keys and keys that are lists or mappings have no place in JSON")
		}
		if i > 0 {
			w.json.WriteByte(',')
		}
		w.marks = append(w.marks, mark{offset: w.json.Len(), line: key.Line, column: key.Column})
		w.text(key.Value)
		w.json.WriteByte(':')
		if fault := w.node(value, depth+1); fault != nil {
			return fault
		}
	}
	w.json.WriteByte('}')
	return nil
}

func (w *yamlWriter) sequence(n *yaml.Node, depth int) *yamlFault {
	w.json.WriteByte('[')
	for i, item := range n.Content {
		if i > 0 {
			w.json.WriteByte(',')
		}
		if fault := w.node(item, depth+1); fault != nil {
			return fault
		}
	}
	w.json.WriteByte(']')
	return nil
}

func (w *yamlWriter) scalar(n *yaml.Node, tag string) *yamlFault {
	text := n.Value
	switch tag {
	case "!!str", "!!timestamp":
		w.text(text)
		return nil
	case "!!null":
		text = "null"
	case "!!bool":
		text = strings.ToLower(text) // True and TRUE are words of YAML too
	case "!!int", "!!float":
	default:
		return faultAt(n, "the tag "+tag+" has no meaning in JSON")
	}
	if !json.Valid([]byte(text)) {
		return faultAt(n, fmt.Sprintf("write %s as JSON does (numbers in decimal digits, without a leading zero or plus), or quote it if it is a text", text))
	}
	w.json.WriteString(text)
	return nil
}

// text writes a JSON string and leaves <, > and & as they are.
func (w *yamlWriter) text(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string can always be encoded, and a buffer always written to
	w.json.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func faultAt(n *yaml.Node, message string) *yamlFault {
	return &yamlFault{line: n.Line, column: n.Column, message: message}
}
