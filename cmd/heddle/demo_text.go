package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"heddle/internal/config"
)

const introduction = `Heddle runs graphs: workflows that survive any crash. This is one of them.

  server     %s
  data       %s
  graphs     %s
  functions  %s

The graph "order" asks a function for the price of an order, lets a large order
cool off for two seconds, and charges it. The bank is busy when first asked.
`

// introduce says what is running and what is about to be seen.
func (d *demo) introduce(url, directory string, graphs, functions []string) {
	if d.dataDir == "" {
		directory += " (removed at the end)"
	}
	fmt.Fprintf(d.out, introduction, url, directory, strings.Join(graphs, " "), strings.Join(functions, ", "))
}

const startCall = `  API=%s/v1.0/%s/cloud_graphs
  curl -s -X POST -H 'Content-Type: application/json' \
    $API/%s/executions/action -d '{
      "action_type": "start",
      "executions": {
        "execution_name": "%s",
        "input": %s
      }
    }'
`

// showStart shows the call that starts the execution, for a shell.
func (d *demo) showStart(url, project, graph string) {
	d.heading("This call starts an execution of it:")
	input, _ := json.Marshal(tourInput) // a string can always be encoded
	fmt.Fprintf(d.out, startCall, url, project, graph, tourExecution, input)
}

const conclusion = `  URN=%s
  curl -s $API/executions/$URN
  curl -s $API/executions/$URN/history

  %[2]s start order --input '{"item":"yarn","count":5}' --wait
  %[2]s show $URN
  %[2]s graph list
`

// conclude says what can be done with the server now.
func (d *demo) conclude(url, execution string) {
	d.heading("Repeat it in another terminal, with the call above, and look around:")
	fmt.Fprintf(d.out, conclusion, execution, d.program)
	if d.listen != config.Default().Listen {
		fmt.Fprintf(d.out, "\n  (before these three: export HEDDLE_SERVER=%s)\n", url)
	}
	fmt.Fprintln(d.out, "\n  docs/cli.md tells of all commands, examples/README.md of the graphs.")
	fmt.Fprintf(d.out, "\n%s\n", d.style().bold("Serving until you press Ctrl-C."))
}

func (d *demo) heading(text string) {
	fmt.Fprintf(d.out, "\n%s\n\n", d.style().bold(text))
}

// showJSON prints v over several lines, indented like the rest.
func (d *demo) showJSON(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := fmt.Fprint(d.out, "  ", b.String())
	return err
}
