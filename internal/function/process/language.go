package process

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"heddle/internal/function"
	"heddle/internal/function/archive"
	"heddle/internal/function/confine"
)

// language is a way of running code.
type language struct {
	path       string   // of the interpreter; "" for Custom
	extensions []string // of the files that handlers name
	handler    bool     // the configuration names a handler
	arguments  func(memoryMiB int) []string
}

//go:embed node.cjs
var nodeScript string

//go:embed python.py
var pythonScript string

// The file that Custom runs.
const bootstrap = "bootstrap"

var custom = language{}

// runtimeForm finds the version in the name of a runtime.
var runtimeForm = regexp.MustCompile(`^(Node\.js|Python|Custom)(\d+)?(?:\.(\d+))?$`)

// languageOf returns the language of a runtime, as configurations name it, or
// what is wrong with it. A version is matched as its language promises
// compatibility: of Node.js the major number must be installed, of Python major
// and minor. Without one, the newest that is installed is taken.
func (r *Runtime) languageOf(ctx context.Context, runtime string) (language, error) {
	parts := runtimeForm.FindStringSubmatch(runtime)
	if parts == nil {
		return language{}, fmt.Errorf("runtime: %q cannot run here: it must be Node.js or Python, with or without a version, or Custom", runtime)
	}
	if parts[1] == "Custom" {
		return custom, nil
	}
	installed, err := r.interpreters.installed(ctx)
	if err != nil {
		return language{}, err
	}
	var known []string
	var best *interpreter
	for i, candidate := range installed {
		if candidate.name != parts[1] {
			continue
		}
		known = append(known, candidate.String())
		if candidate.matches(parts[2], parts[3]) && (best == nil || candidate.newer(*best)) {
			best = &installed[i]
		}
	}
	if best == nil {
		return language{}, fmt.Errorf("runtime: %q is not installed here: %s", runtime, installedText(parts[1], known))
	}
	if best.name == nodeName {
		return language{path: best.path, extensions: []string{".js", ".mjs", ".cjs"}, handler: true, arguments: nodeArguments}, nil
	}
	return language{path: best.path, extensions: []string{".py"}, handler: true, arguments: pythonArguments}, nil
}

func installedText(name string, known []string) string {
	if len(known) == 0 {
		return "there is no " + name
	}
	slices.Sort(known)
	return "there is " + strings.Join(slices.Compact(known), ", ")
}

// nodeArguments keeps the heap below the instance's memory, so that Node.js
// collects garbage before the system kills it.
func nodeArguments(memoryMiB int) []string {
	return []string{"--max-old-space-size=" + strconv.Itoa(memoryMiB*3/4), "--input-type=commonjs", "-e", nodeScript}
}

func pythonArguments(int) []string { return []string{"-B", "-c", pythonScript} }

func (l language) checkInline(code string) error {
	if !l.handler && !strings.HasPrefix(code, "#!") {
		return errors.New("func_code: code of the runtime Custom that is not an archive must be a script that begins with #! and the path of its interpreter")
	}
	return nil
}

func (l language) checkFiles(s function.Spec, a *archive.Archive) error {
	if !l.handler {
		if !a.Has(bootstrap) {
			return errors.New("func_code: the archive has no file bootstrap, which the runtime Custom runs")
		}
		return nil
	}
	for field, handler := range map[string]string{"handler": s.Handler, "initializer_handler": s.InitializerHandler} {
		names := handlerFiles(handler, l.extensions)
		if handler != "" && !slices.ContainsFunc(names, a.Has) {
			return fmt.Errorf("%s: %q names no file of the archive, which has no %s", field, handler, strings.Join(names, " or "))
		}
	}
	return nil
}

// unpack writes the code of a function.
func (l language) unpack(ctx context.Context, s function.Spec, root *os.Root) error {
	code, err := s.Code(ctx)
	if err != nil {
		return fmt.Errorf("read the code: %w", err)
	}
	if s.CodeType == function.CodeInline {
		name := bootstrap
		if l.handler {
			name = handlerFiles(s.Handler, l.extensions)[0]
		}
		return archive.WriteFile(root, name, string(code), !l.handler)
	}
	a, err := archive.Open(code)
	if err != nil {
		return err
	}
	if err := a.Unpack(root); err != nil {
		return err
	}
	if !l.handler {
		return root.Chmod(bootstrap, 0o555) // archives made elsewhere have no such mode
	}
	return nil
}

// program returns what to start for a function in a cell.
func (l language) program(s function.Spec, cell *confine.Cell) confine.Program {
	p := confine.Program{Path: l.path, Environment: environment(s, cell)}
	if l.handler {
		p.Arguments = l.arguments(s.MemoryMiB)
	} else {
		p.Path = cell.Code + "/" + bootstrap
	}
	return p
}
