package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// functionTemplates has a directory for each runtime that init knows.
//
//go:embed templates
var functionTemplates embed.FS

// templateOf names the directory for what --runtime says.
var templateOf = map[string]string{"node": "node", "python": "python", "custom": "custom", "http": "http"}

func (a *app) initFunctionCommand() *cobra.Command {
	var runtime string
	c := &cobra.Command{
		Use:     "init DIR",
		Short:   "Make a directory with a small function in it",
		Example: "  heddle function init --runtime python hello\n  heddle function deploy hello\n  heddle function invoke hello --input '{\"name\":\"Ada\"}'",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			template, ok := templateOf[runtime]
			if !ok {
				return usageError{fmt.Errorf("--runtime must be one of %s", strings.Join(slices.Sorted(maps.Keys(templateOf)), ", "))}
			}
			written, err := writeTemplate(template, args[0])
			if err != nil {
				return err
			}
			for _, file := range written {
				fmt.Fprintln(a.out, file)
			}
			return nil
		},
	}
	c.Flags().StringVar(&runtime, "runtime", "", "`what` it runs in: node, python, custom or http")
	return c
}

// writeTemplate writes the files of a template, and none that is there already.
func writeTemplate(template, directory string) (written []string, err error) {
	name := filepath.Base(filepath.Clean(directory))
	if name == "." || name == ".." || name == string(filepath.Separator) {
		return nil, usageError{errors.New("the name of the directory becomes the name of the function: give it one")}
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	root := "templates/" + template
	err = fs.WalkDir(functionTemplates, root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := functionTemplates.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(directory, filepath.FromSlash(strings.TrimPrefix(path, root+"/")))
		mode := fs.FileMode(0o644)
		if d.Name() == "bootstrap" {
			mode = 0o755
		}
		if err := writeNew(target, strings.ReplaceAll(string(text), "NAME", name), mode); err != nil {
			return err
		}
		written = append(written, target)
		return nil
	})
	return written, err
}

func writeNew(path, text string, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is left as it is", path)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
