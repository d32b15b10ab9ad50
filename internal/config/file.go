package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// nullTag marks a value that is left empty.
const nullTag = "!!null"

// file is what a configuration file says.
type file struct {
	settings  map[string]value
	functions []Function
	sources   []EventSource
}

// readFile reads a YAML file and returns what is wrong with it. A file that is
// not required may be missing.
func readFile(path string, required bool, settings *pflag.FlagSet, env environment) (file, []error) {
	f := file{settings: make(map[string]value)}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return f, nil
	}
	if err != nil {
		return f, []error{fmt.Errorf("read the configuration: %w", err)}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return f, []error{fmt.Errorf("read %s: %w", path, err)}
	}
	r := reader{path: path, env: env}
	if len(document.Content) > 0 && document.Content[0].Tag != nullTag {
		r.file(document.Content[0], settings, &f)
	}
	return f, r.problems
}

// reader walks through the nodes of a file and collects what is wrong.
type reader struct {
	path     string
	env      environment
	problems []error
}

func (r *reader) problem(n *yaml.Node, format string, arguments ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: %s", r.place(n), fmt.Sprintf(format, arguments...)))
}

func (r *reader) place(n *yaml.Node) string { return fmt.Sprintf("%s:%d", r.path, n.Line) }

func (r *reader) file(n *yaml.Node, settings *pflag.FlagSet, f *file) {
	known := []string{"functions", "event-sources"}
	settings.VisitAll(func(setting *pflag.Flag) {
		if setting.Name != "config" {
			known = append(known, setting.Name)
		}
	})
	r.members(n, known, func(key string, v *yaml.Node) {
		switch key {
		case "functions":
			f.functions = r.functions(v)
			return
		case "event-sources":
			f.sources = r.eventSources(v)
			return
		}
		if text, ok := r.scalar(v); ok {
			f.settings[key] = value{text: text, place: r.place(v) + ": " + key}
		}
	})
}

func (r *reader) functions(n *yaml.Node) []Function {
	if n.Kind != yaml.SequenceNode {
		r.problem(n, "functions must be a list of entries with urn, url and perhaps headers and calls-in-flight")
		return nil
	}
	var functions []Function
	for _, entry := range n.Content {
		functions = append(functions, r.function(entry))
	}
	return functions
}

func (r *reader) function(n *yaml.Node) Function {
	var f Function
	r.members(n, []string{"urn", "url", "headers", "calls-in-flight"}, func(key string, v *yaml.Node) {
		switch key {
		case "urn":
			f.URN, _ = r.scalar(v)
		case "url":
			f.URL, _ = r.scalar(v)
		case "headers":
			f.Headers = make(map[string]string)
			r.members(v, nil, func(name string, v *yaml.Node) { f.Headers[name] = r.expand(v) })
		case "calls-in-flight":
			f.CallsMax = r.count(v, 65_536)
		}
	})
	return f
}

func (r *reader) eventSources(n *yaml.Node) []EventSource {
	if n.Kind != yaml.SequenceNode {
		r.problem(n, "event-sources must be a list of entries with project, secret and perhaps topics")
		return nil
	}
	var sources []EventSource
	for _, entry := range n.Content {
		var s EventSource
		r.members(entry, []string{"project", "secret", "topics"}, func(key string, v *yaml.Node) {
			switch key {
			case "project":
				s.Project, _ = r.scalar(v)
			case "secret":
				if s.Secret = r.expand(v); len(s.Secret) < secretMin {
					r.problem(v, "secret must have at least %d characters, or it can be guessed", secretMin)
				}
			case "topics":
				s.Topics = r.topics(v)
			}
		})
		if slices.ContainsFunc(sources, func(other EventSource) bool { return other.Project == s.Project }) {
			r.problem(entry, "the project %q has an entry already, above", s.Project)
		}
		if s.Project == "" {
			r.problem(entry, "project is missing")
		}
		sources = append(sources, s)
	}
	return sources
}

// secretMin is how long a secret of event sources is at least. Nobody counts the
// guesses.
const secretMin = 16

func (r *reader) topics(n *yaml.Node) []Topic {
	if n.Kind != yaml.SequenceNode {
		r.problem(n, "topics must be a list of entries with source, type and topic")
		return nil
	}
	var topics []Topic
	for _, entry := range n.Content {
		var t Topic
		fields := map[string]*string{"source": &t.Source, "type": &t.Type, "topic": &t.Topic}
		r.members(entry, []string{"source", "type", "topic"}, func(key string, v *yaml.Node) { *fields[key], _ = r.scalar(v) })
		if t.Source == "" || t.Type == "" || t.Topic == "" {
			r.problem(entry, "source, type and topic must all be there; * stands for anything")
		}
		topics = append(topics, t)
	}
	return topics
}

// members visits the members of a mapping, but those that are null. Keys that
// are not known are problems; with known nil, all are.
func (r *reader) members(n *yaml.Node, known []string, visit func(key string, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.problem(n, "a mapping of keys to values is wanted here")
		return
	}
	seen := make(map[string]bool)
	for i := 0; i < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		switch {
		case known != nil && !slices.Contains(known, key.Value):
			r.problem(key, "unknown key %q%s", key.Value, didYouMean(key.Value, known))
		case seen[key.Value]:
			r.problem(key, "the key %q stands twice", key.Value)
		case v.Tag != nullTag:
			visit(key.Value, v)
		}
		seen[key.Value] = true
	}
}

func (r *reader) scalar(n *yaml.Node) (text string, ok bool) {
	if n.Kind != yaml.ScalarNode {
		r.problem(n, "a single value is wanted here")
		return "", false
	}
	return n.Value, true
}

// count reads a number from 1 to max.
func (r *reader) count(n *yaml.Node, max int) int {
	text, ok := r.scalar(n)
	count, err := strconv.Atoi(text)
	if ok && (err != nil || count < 1 || count > max) {
		r.problem(n, "%q must be a whole number from 1 to %d", text, max)
	}
	return count
}

// reference is the name of an environment variable in the value of a header:
// secrets need not stand in the file.
var reference = regexp.MustCompile(`\$\{([^{}]*)\}`)

func (r *reader) expand(n *yaml.Node) string {
	text, _ := r.scalar(n)
	return reference.ReplaceAllStringFunc(text, func(match string) string {
		name := match[len("${") : len(match)-len("}")]
		text, ok := r.env[name]
		if !ok {
			r.problem(n, "the environment variable %q is not set", name)
		}
		return text
	})
}

// didYouMean is the end of a message about an unknown key.
func didYouMean(key string, known []string) string {
	best := slices.MinFunc(known, func(a, b string) int {
		return levenshtein.ComputeDistance(key, a) - levenshtein.ComputeDistance(key, b)
	})
	if levenshtein.ComputeDistance(key, best) > max(1, len(key)/3) {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}
