package process

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/confine"
)

// environment returns the whole environment of an instance: what the function's
// configuration says, and over that, what the published runtimes tell. Nothing of
// this process's own environment is passed on.
func environment(s function.Spec, cell *confine.Cell) []string {
	variables := userData(s)
	userJSON, _ := json.Marshal(s.UserData) // texts can always be encoded
	maps.Copy(variables, map[string]string{
		"PATH":   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME":   cell.Scratch,
		"TMPDIR": cell.Scratch,
		"LANG":   "C.UTF-8",
		"TZ":     "UTC",

		"RUNTIME_PROJECT_ID":          s.Project,
		"RUNTIME_FUNC_NAME":           s.Name,
		"RUNTIME_FUNC_VERSION":        s.Version,
		"RUNTIME_PACKAGE":             s.Package,
		"RUNTIME_HANDLER":             s.Handler,
		"RUNTIME_TIMEOUT":             strconv.Itoa(int(s.Timeout / time.Second)),
		"RUNTIME_USERDATA":            string(userJSON),
		"RUNTIME_MEMORY":              strconv.Itoa(s.MemoryMiB),
		"RUNTIME_CPU":                 strconv.Itoa(millicores(s)),
		"RUNTIME_CODE_ROOT":           cell.Code,
		"RUNTIME_INITIALIZER_HANDLER": s.InitializerHandler,
		"RUNTIME_INITIALIZER_TIMEOUT": strconv.Itoa(int(s.InitializerTimeout / time.Second)),
	})
	list := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if name == portVariable || name == apiVariable || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(variables[name], 0) {
			continue // it is set elsewhere, or can be no variable
		}
		list = append(list, name+"="+variables[name])
	}
	return list
}

// What only a bootstrap is told.
const (
	portVariable = "PORT"
	apiVariable  = "RUNTIME_API_ADDR"
)

// userData returns what whoever made the function has given it.
func userData(s function.Spec) map[string]string {
	all := make(map[string]string, len(s.UserData)+len(s.Secrets))
	maps.Copy(all, s.UserData)
	maps.Copy(all, s.Secrets)
	return all
}

// millicores is what the published service grants for an amount of memory. Here
// it is told to functions, and nothing is made of it.
func millicores(s function.Spec) int { return s.MemoryMiB * 100 / 128 }
