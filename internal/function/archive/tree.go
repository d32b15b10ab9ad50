package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
)

// tree is the names that an archive unpacks to.
type tree struct {
	nodes       map[string]node // by the name in lower case
	directories []string
}

type node struct {
	name      string
	directory bool
}

func newTree() *tree { return &tree{nodes: make(map[string]node)} }

// add takes an entry, and the directories that it lies in. It returns what is
// wrong with the entry, for a sentence that begins with its name.
func (t *tree) add(f *zip.File) error {
	if err := checkName(f.Name); err != nil {
		return err
	}
	mode := f.Mode()
	switch {
	case !mode.IsDir() && !mode.IsRegular():
		return fmt.Errorf("is %s: an archive may have files and directories only", kind(mode))
	case mode.IsDir() != strings.HasSuffix(f.Name, "/"):
		return errors.New("is a directory by its name or by its mode, but not by both")
	case f.Flags&1 != 0:
		return errors.New("is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("is packed by method %d: only stored and deflated entries can be read", f.Method)
	}
	name := strings.TrimSuffix(f.Name, "/")
	for i, c := range name {
		if c == '/' {
			if err := t.directory(name[:i]); err != nil {
				return err
			}
		}
	}
	if mode.IsDir() {
		return t.directory(name)
	}
	if other, taken := t.nodes[fold(name)]; taken {
		return collision(name, other.name)
	}
	t.nodes[fold(name)] = node{name: name}
	return nil
}

func (t *tree) directory(name string) error {
	other, taken := t.nodes[fold(name)]
	switch {
	case !taken:
		t.nodes[fold(name)] = node{name: name, directory: true}
		t.directories = append(t.directories, name)
		return nil
	case other.name != name || !other.directory:
		return collision(name, other.name)
	}
	return nil
}

func collision(name, other string) error {
	if name == other {
		return fmt.Errorf("stands in the archive twice, as %s", shown(name))
	}
	return fmt.Errorf("differs from %s in the case of letters only", shown(other))
}

// fold makes one text of names that some file systems take for one.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// checkName wants a plain relative path. What is a path to other systems (a
// backslash, a drive) is refused as well: an archive means the same everywhere.
func checkName(name string) error {
	path := strings.TrimSuffix(name, "/")
	switch {
	case path == "":
		return errors.New("has no name")
	case len(path) > pathMax:
		return fmt.Errorf("has a name of %d bytes; %d are allowed", len(path), pathMax)
	case strings.ContainsRune(path, '\\'):
		return errors.New("has a backslash in its name: parts of a name are separated by '/'")
	case len(path) > 1 && path[1] == ':' || path[0] == '/':
		return errors.New("has an absolute name: names must be relative")
	case strings.ContainsFunc(path, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }):
		return errors.New("has a control character in its name, or what is not UTF-8")
	case !fs.ValidPath(path) || path == ".":
		return errors.New("has a part of its name that is empty, '.' or '..'")
	}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > nameMax {
			return fmt.Errorf("has a part of its name of %d bytes; %d are allowed", len(part), nameMax)
		}
	}
	return nil
}
