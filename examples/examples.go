// Package examples is the sample graphs, and the functions that they call, as
// "heddle demo" deploys them. The graphs stand in graphs/, one JSON file each,
// and the functions in functions/, one directory each. Package endpoints has the
// same functions behind URLs, for where those cannot run.
//
// Those in graphs/events wait for events: they can be deployed once the triggers
// exist that they name.
package examples

import (
	"embed"
	"io/fs"
	"strings"
)

// Region and Project are those of every URN in the samples: the region and
// the project that Heddle uses unless told otherwise.
const (
	Region  = "local"
	Project = "default"
)

// Graph is a sample graph.
type Graph struct {
	Name        string
	Description string
	Definition  string // JSON text
}

//go:embed graphs/*.json functions
var files embed.FS

// Graphs returns the samples that can be deployed, by name.
func Graphs() []Graph {
	graphs := []Graph{
		{Name: "delay", Description: "Waits for eight seconds."},
		{Name: "extend", Description: "Calls one function for each element of a list, all at once."},
		{Name: "filters", Description: "Selects from its input and from its result, here all of it."},
		{Name: "hello", Description: "The smallest graph: its output is its input."},
		{Name: "operation", Description: "Calls a function, and tries again when that fails."},
		{Name: "order", Description: "An order is priced, cools off if it is large, and is charged."},
		{Name: "parallel", Description: "Calls two functions at once and joins what they say."},
		{Name: "switch", Description: "Approves or rejects a score."},
	}
	for i := range graphs {
		text, err := files.ReadFile("graphs/" + graphs[i].Name + ".json")
		if err != nil {
			panic("no file for the sample graph " + graphs[i].Name) // a test says that all are embedded
		}
		graphs[i].Definition = string(text)
	}
	return graphs
}

// Function is a function that the samples call.
type Function struct {
	Name      string
	URN       string
	Path      string // of the same function at the function server
	Directory fs.FS  // with its function.yaml and its code
	Event     string // JSON text that it can be called with
}

// Functions returns the functions, by name.
func Functions() []Function {
	var functions []Function
	for _, name := range strings.Fields("charge greet price resize") {
		directory, err := fs.Sub(files, "functions/"+name)
		if err != nil {
			panic(err) // the name is a valid path
		}
		event, err := fs.ReadFile(directory, "event.json")
		if err != nil {
			panic("no event for the function " + name) // a test says that all are embedded
		}
		functions = append(functions, Function{
			Name:      name,
			URN:       "urn:fss:" + Region + ":" + Project + ":function:default:" + name,
			Path:      "/" + name,
			Directory: directory,
			Event:     string(event),
		})
	}
	return functions
}
