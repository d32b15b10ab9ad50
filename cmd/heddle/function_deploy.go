package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"heddle/internal/client"
)

func (a *app) deployCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "deploy DIR",
		Short: "Create the function in a directory, or change it",
		Long:  "Create the function that function.yaml in the directory describes, with all other\nfiles there as its code, but those whose names begin with a dot. If there is such\na function already, it gets this code and this configuration.",
		Args:  exactly(1),
		RunE: func(c *cobra.Command, args []string) error {
			m, code, err := a.readFunction(os.DirFS(args[0]))
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", args[0], err)}
			}
			api, err := a.client(a.project)
			if err != nil {
				return err
			}
			deployed, created, err := deployFunction(c.Context(), api, a.functionURN(m.Package, m.Name), m.config(), code)
			if err != nil {
				return err
			}
			return a.print(deployed, func(w io.Writer) {
				if created {
					fmt.Fprintf(w, "created %s\n", deployed.URN)
				} else {
					fmt.Fprintf(w, "updated %s\n", deployed.URN)
				}
			})
		},
	}
}

const (
	codeNoFunction     = "FSS.1051"
	codeFunctionExists = "FSS.1061"
)

// deployFunction creates the function, or changes the one that there is.
func deployFunction(ctx context.Context, api *client.Client, function string, f client.FunctionConfig, code client.FunctionCode) (deployed client.Function, created bool, err error) {
	deployed, err = api.CreateFunction(ctx, f, code)
	var refusal *client.Error
	if !errors.As(err, &refusal) || refusal.Code != codeFunctionExists {
		return deployed, err == nil, err
	}
	deployed, err = api.UpdateFunction(ctx, function, f, code)
	return deployed, false, err
}

// readFunction reads a directory with a function in it.
func (a *app) readFunction(directory fs.FS) (manifest, client.FunctionCode, error) {
	m, err := a.readManifest(directory)
	if err != nil {
		return m, client.FunctionCode{}, err
	}
	if m.Runtime == runtimeHTTP {
		return m, client.FunctionCode{Type: "url", URL: m.URL}, nil
	}
	archive, err := pack(directory)
	return m, client.FunctionCode{Type: "zip", File: archive}, err
}

// pack makes an archive of a directory, the same one of the same files: a
// function that has not changed keeps its digest.
func pack(directory fs.FS) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	err := fs.WalkDir(directory, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case leftOut(name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a directory: a function has no links", name)
		}
		return packFile(w, directory, name, d)
	})
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

// leftOut reports whether a file is no part of a function's code.
func leftOut(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || base == "__pycache__" || name == manifestName
}

func packFile(w *zip.Writer, directory fs.FS, name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	header.SetMode(0o644 | info.Mode()&0o111)
	into, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	file, err := directory.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(into, file)
	return err
}
