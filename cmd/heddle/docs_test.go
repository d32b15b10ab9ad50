package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// example is a command of a page and the output that the page shows for it.
type example struct{ command, output string }

// examplesOf returns the commands of the page's console blocks: what follows a
// "$ ", and the lines after it that begin with "> ".
func examplesOf(page string) []example {
	var examples []example
	console := false
	for line := range strings.Lines(page) {
		switch command, isCommand := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			console = strings.TrimSpace(line) == "```console"
		case !console:
		case isCommand:
			examples = append(examples, example{command: command})
		case strings.HasPrefix(line, "> "):
			examples[len(examples)-1].command += strings.TrimPrefix(line, "> ")
		default:
			examples[len(examples)-1].output += line
		}
	}
	return examples
}

// passing finds what differs from run to run: moments, durations, ids, ports,
// temporary names, and the blanks that align what stands beside them.
var passing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z`), "MOMENT"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`UUID_\d{10}\b`), "UUID_SECONDS"},
	{regexp.MustCompile(`\b\d+\.\d{3}s`), "DURATION"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "ID"},
	{regexp.MustCompile(`\brun-\d{8}-\d{6}\b`), "RUN"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDRESS"},
	{regexp.MustCompile(`\S*heddle-demo-\d+`), "DIRECTORY"},
	{regexp.MustCompile(` +`), " "},
}

func lasting(output string) string {
	for _, p := range passing {
		output = p.pattern.ReplaceAllString(output, p.instead)
	}
	return strings.TrimSpace(output)
}

// TestCommandPage types the commands of docs/cli.md one after another, in a
// shell that has a server, and wants the outputs that the page shows.
func TestCommandPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	graphs, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	if err := os.Symlink(graphs, filepath.Join(directory, "examples")); err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "HEDDLE_DATA_DIR="+filepath.Join(directory, "data"))
	var s serverProcess
	defer s.end()
	url, err := s.start(directory, environ, nil)
	if err != nil {
		t.Fatal(err)
	}
	environ = append(environ, "HEDDLE_SERVER="+url)

	// The variables that a command sets are there for the next one.
	const state = "state.sh"
	text := string(page)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Log("there is no python3: the commands of functions are left out")
		before, rest, _ := strings.Cut(text, "\n## Functions\n")
		_, after, _ := strings.Cut(rest, "\n## ")
		text = before + after
	}
	for _, e := range examplesOf(text) {
		c := exec.Command("sh", "-c", "test -f "+state+" && . ./"+state+"\n"+e.command+"\nset | grep -E '^(URN|ID)=' >"+state)
		c.Dir, c.Env = directory, environ
		output, _ := c.CombinedOutput() // that a command fails shows in its output
		if got, want := lasting(string(output)), lasting(e.output); got != want {
			t.Errorf("$ %s\ngot:\n%s\n\nwant:\n%s", strings.TrimSpace(e.command), got, want)
		}
	}
}
