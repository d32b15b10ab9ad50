package functionapi

import (
	"regexp"
	"strings"

	"heddle/internal/function/catalog"
)

// named reports whether a name has letters, digits, '-', '_' and the extra signs
// only, and begins with a letter and ends with a letter or digit.
func named(name, extra string, max int) bool {
	n := len(name)
	return n >= 1 && n <= max && consistsOf(name, nameSigns+extra) &&
		consistsOf(name[:1], letters) && consistsOf(name[n-1:], lettersDigits)
}

func checkName(name string) error {
	if !named(name, "", nameMax) {
		return refuse(codeName, "func_name must be 1 to %d letters, digits, '-' and '_', begin with a letter and end with a letter or digit, not %q", nameMax, name)
	}
	return nil
}

func checkPackage(name string) error {
	if !named(name, "", packageMax) {
		return refuse(codePackage, "package must be 1 to %d letters, digits, '-' and '_', begin with a letter and end with a letter or digit, not %q; default is a good one", packageMax, name)
	}
	return nil
}

// Beside http, these runtimes are known, and run on this machine. A version may
// follow a language.
const runtimeCustom = "Custom"

var languages = []string{"Node.js", "Python"}

func checkRuntime(runtime string) error {
	known := runtime == catalog.RuntimeHTTP || runtime == runtimeCustom
	for _, language := range languages {
		if version, ok := strings.CutPrefix(runtime, language); ok && consistsOf(version, "0123456789.") {
			known = true
		}
	}
	if !known {
		return refuse(codeRuntime, "runtime must be Node.js or Python, with a version such as Node.js18.15 or without, Custom or http, not %q", runtime)
	}
	return nil
}

// handlerForm is a file, perhaps in directories, and an entry of it.
var handlerForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_/.-]*\.[A-Za-z0-9_$-]+$`)

// checkHandler checks a handler. Runtimes that have no entry to name take any.
func checkHandler(field, handler, runtime string) error {
	if runtime == runtimeCustom || runtime == catalog.RuntimeHTTP {
		if len(handler) > handlerMax {
			return refuse(codeHandler, "%s has %d characters, at most %d are allowed", field, len(handler), handlerMax)
		}
		return nil
	}
	if len(handler) > handlerMax || !handlerForm.MatchString(handler) {
		return refuse(codeHandler, "%s must be a file and a function in it such as index.handler, of at most %d characters, not %q", field, handlerMax, handler)
	}
	return nil
}
