package process

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"heddle/internal/function/confine"
)

const (
	nodeName   = "Node.js"
	pythonName = "Python"
)

// interpreter is an interpreter that functions can run in.
type interpreter struct {
	name         string // nodeName or pythonName
	major, minor int
	path         string
}

// String returns how a configuration names it.
func (i interpreter) String() string { return fmt.Sprintf("%s%d.%d", i.name, i.major, i.minor) }

func (i interpreter) matches(major, minor string) bool {
	if major != "" && major != strconv.Itoa(i.major) {
		return false
	}
	return i.name == nodeName || minor == "" || minor == strconv.Itoa(i.minor)
}

func (i interpreter) newer(other interpreter) bool {
	return i.major > other.major || i.major == other.major && i.minor > other.minor
}

// interpreters are those of the machine. They are looked for once, when they are
// first needed.
type interpreters struct {
	find func(ctx context.Context) ([]interpreter, error)

	mu    sync.Mutex // held while they are looked for, so that nobody does it twice
	found []interpreter
}

func (i *interpreters) installed(ctx context.Context) ([]interpreter, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found == nil {
		found, err := i.find(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for interpreters: %w", err)
		}
		i.found = found
	}
	return i.found, nil
}

// searchPath is where interpreters are looked for beside the PATH of this
// process.
var searchPath = []string{"/usr/local/bin", "/usr/bin", "/bin"}

// probes has each interpreter say its version and where it really is: what
// stands in the PATH may be a script that chooses one.
var probes = []struct {
	name, arguments string
	file            *regexp.Regexp
}{
	{nodeName, `const [a, b] = process.versions.node.split("."); console.log("interpreter", a, b, process.execPath)`, regexp.MustCompile(`^node(js)?(-?\d+)?$`)},
	{pythonName, `import sys; print("interpreter", *sys.version_info[:2], sys.executable)`, regexp.MustCompile(`^python(3(\.\d+)?)?$`)},
}

// findInterpreters tries whatever is named like an interpreter, as functions
// would run it: what they may not read is of no use to them.
func (r *Runtime) findInterpreters(ctx context.Context) ([]interpreter, error) {
	type candidate struct{ name, path, script string }
	var found []interpreter
	var silent []candidate
	seen := make(map[string]bool)
	empty, release, err := r.code.Acquire(ctx, "probe", func(*os.Root) error { return nil })
	if err != nil {
		return nil, err
	}
	defer release()
	for _, directory := range slices.Concat(filepath.SplitList(os.Getenv("PATH")), searchPath) {
		entries, _ := os.ReadDir(directory)
		for _, entry := range entries {
			for _, probe := range probes {
				if !probe.file.MatchString(entry.Name()) {
					continue
				}
				path, err := filepath.EvalSymlinks(filepath.Join(directory, entry.Name()))
				if err != nil || seen[path] {
					continue
				}
				seen[path] = true
				if i, ok := r.probe(ctx, probe.name, path, probe.arguments, empty); !ok {
					silent = append(silent, candidate{probe.name, path, probe.arguments})
				} else if !slices.Contains(found, i) {
					found = append(found, i)
				}
			}
		}
	}
	// What a program lacked for a moment, such as processes of its user, must not
	// cost the server a language for good.
	for range probesAgain {
		silent = slices.DeleteFunc(silent, func(c candidate) bool {
			return slices.ContainsFunc(found, func(i interpreter) bool { return i.name == c.name })
		})
		if len(silent) == 0 || ctx.Err() != nil {
			break
		}
		time.Sleep(probePause)
		for _, c := range silent {
			if i, ok := r.probe(ctx, c.name, c.path, c.script, empty); ok && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if found == nil {
		found = []interpreter{}
	}
	r.log.Debug("interpreters", "found", fmt.Sprint(found))
	return found, nil
}

const (
	probeMemoryMiB = 256
	probePatience  = 10 * time.Second
	probesAgain    = 2
	probePause     = 500 * time.Millisecond
)

// probe runs one program in a cell and reads what it says of itself.
func (r *Runtime) probe(ctx context.Context, name, path, script, code string) (interpreter, bool) {
	cell, err := r.confiner.NewCell(code, probeMemoryMiB)
	if err != nil {
		return interpreter{}, false
	}
	defer cell.Close()
	var said bytes.Buffer
	tap, err := confine.NewTap(func(text []byte) { said.Write(text[:min(len(text), 4096)]) })
	if err != nil {
		return interpreter{}, false
	}
	defer tap.Close()
	option := "-e"
	if name == pythonName {
		option = "-c"
	}
	err = cell.Start(ctx, confine.Program{
		Path: path, Arguments: []string{option, script}, Output: tap.Output(),
		Environment: []string{"PATH=/usr/bin:/bin", "HOME=" + cell.Scratch},
	})
	tap.Started()
	if err != nil {
		return interpreter{}, false
	}
	kill := time.AfterFunc(probePatience, cell.Kill)
	cell.Wait()
	kill.Stop()
	tap.Drain()
	fields := strings.SplitN(strings.TrimSpace(said.String()), " ", 4)
	if len(fields) != 4 || fields[0] != "interpreter" {
		return interpreter{}, false
	}
	major, errMajor := strconv.Atoi(fields[1])
	minor, errMinor := strconv.Atoi(fields[2])
	return interpreter{name: name, major: major, minor: minor, path: fields[3]}, errMajor == nil && errMinor == nil
}
