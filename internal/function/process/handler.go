package process

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var entryForm = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// checkHandler wants "file.entry": the name of a file without its extension,
// perhaps with directories, and that of a function in it.
func checkHandler(field, handler string) error {
	file, entry := splitHandler(handler)
	if !fs.ValidPath(file) || file == "." || strings.ContainsAny(file, "\\:\x00") || !entryForm.MatchString(entry) {
		return fmt.Errorf("%s: %q must be file.entry, such as index.handler: a file of the code, without its extension, and a function in it", field, handler)
	}
	return nil
}

func splitHandler(handler string) (file, entry string) {
	i := strings.LastIndexByte(handler, '.')
	if i < 0 {
		return handler, ""
	}
	return handler[:i], handler[i+1:]
}

// handlerFiles returns the names that the file of a handler may have.
func handlerFiles(handler string, extensions []string) []string {
	file, _ := splitHandler(handler)
	names := make([]string, len(extensions))
	for i, extension := range extensions {
		names[i] = path.Clean(file) + extension
	}
	return names
}
