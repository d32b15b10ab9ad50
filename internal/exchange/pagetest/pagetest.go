// Package pagetest is for tests only: the pages that describe an API, as the
// tests need them which hold the API to what they say.
package pagetest

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// address is where the samples send their requests.
const address = "http://127.0.0.1:8480"

// Code is what all errors of one code have in common.
type Code struct {
	Status  int
	Meaning string
}

// Read returns a page of docs. The caller's package is two levels below the root,
// as all APIs are.
func Read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// CheckCodes checks that docs/errors.md has exactly the codes that an API sends,
// of those that begin with the prefix, with their statuses and meanings.
func CheckCodes(t *testing.T, prefix string, codes map[string]Code) {
	t.Helper()
	told := map[string]string{}
	row := regexp.MustCompile(`(?m)^\| (` + prefix + `\.\d{4}) \| (\d{3}) \| (.+?) \| .+ \|$`)
	for _, m := range row.FindAllStringSubmatch(Read(t, "errors.md"), -1) {
		told[m[1]] = m[2] + " " + m[3]
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if sent := fmt.Sprintf("%d %s", codes[code].Status, codes[code].Meaning); told[code] != sent {
			t.Errorf("%s: the page says %q, the program %q", code, told[code], sent)
		}
		delete(told, code)
	}
	for code := range told {
		t.Errorf("%s: the page has it, the program does not send it", code)
	}
}

// Sample is one request on a page, and the answer that stands below it.
type Sample struct {
	Text                 string // the command, as the page has it
	Method, Target, Body string
	Header               []string // as "Name: value"
	Answer               string   // JSON; "" if the page shows none
}

// Samples returns the requests of a page, in their order.
func Samples(t *testing.T, name string) (samples []Sample) {
	t.Helper()
	block := regexp.MustCompile("(?s)```sh\n(curl .+?)\n```\n(?:\n```json\n(.+?)\n```\n)?")
	for _, found := range block.FindAllStringSubmatch(Read(t, name), -1) {
		s, err := parse(found[1])
		if err != nil {
			t.Fatalf("%v in\n%s", err, found[1])
		}
		s.Answer = found[2]
		samples = append(samples, s)
	}
	return samples
}

// parse reads a command line as a shell and curl do, as far as the pages make use
// of it.
func parse(line string) (Sample, error) {
	words := regexp.MustCompile(`'[^']*'|[^\s\\]+`).FindAllString(line, -1)[1:]
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	s := Sample{Text: line, Method: "GET"}
	for len(words) > 0 {
		switch words[0] {
		case "-s":
		case "-X":
			s.Method, words = words[1], words[1:]
		case "-H":
			s.Header, words = append(s.Header, words[1]), words[1:]
		case "-d":
			s.Body, words = words[1], words[1:]
		default:
			target, ok := strings.CutPrefix(words[0], address)
			if !ok {
				return s, fmt.Errorf("%q is not understood", words[0])
			}
			s.Target = target
		}
		words = words[1:]
	}
	return s, nil
}
