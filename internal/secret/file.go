package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// fileMode lets the server's user read the keys and nobody else.
const fileMode = 0o600

// stamp tells whether a file has been changed.
type stamp struct {
	at   time.Time
	size int64
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

// readKeys returns the keys in a file, which has them in base64, a line each. If
// the file is missing, it is made, or the error says so.
func readKeys(path string, create bool) (keys []*key, seen stamp, err error) {
	seen, err = stampOf(path) // before: what is written meanwhile is read once more
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, seen, fmt.Errorf("%w: %s", ErrNoKey, path)
		}
		if err := makeFile(path); err != nil {
			return nil, seen, fmt.Errorf("make a key: %w", err)
		}
		return readKeys(path, false)
	}
	if err == nil {
		err = checkMode(path)
	}
	if err != nil {
		return nil, seen, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, seen, fmt.Errorf("read the key: %w", err)
	}
	if keys, err = parse(string(text)); err != nil {
		return nil, seen, fmt.Errorf("the key file %s: %w", path, err)
	}
	return keys, seen, nil
}

// checkMode refuses a key that others on the machine can read.
func checkMode(path string) error {
	if runtime.GOOS == "windows" { // its files have no such mode
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("the key file %s can be read by others (its mode is %04o): chmod 600 it", path, mode)
	}
	return nil
}

// makeFile makes a file with one key. Of two that make it at once, the first one's
// stays.
func makeFile(path string) error {
	return place(path, randomKey()+"\n", func(made string) error {
		if err := os.Link(made, path); !errors.Is(err, fs.ErrExist) {
			return err
		}
		return nil
	})
}

// place writes a file beside path, puts it in the place of path, and returns once
// it is on the disk, whole: what is sealed under its keys may be there the next
// moment.
func place(path, text string, put func(made string) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, unfinished) // with fileMode
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(fileMode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := put(f.Name()); err != nil {
		return err
	}
	return flush(dir)
}

// unfinished is the form of the names of files that place has not put anywhere yet.
const unfinished = ".heddle-key-*"

// removeUnfinished removes files that processes have left that were killed before
// they had put them anywhere: keys would be in them for ever.
func removeUnfinished(path string) {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), unfinished)) // the pattern is right
	for _, file := range left {
		if info, err := os.Lstat(file); err == nil && time.Since(info.ModTime()) > unfinishedFor {
			os.Remove(file) // or it is removed the next time
		}
	}
}

// unfinishedFor is longer than it takes to write a file, on any disk.
const unfinishedFor = time.Hour

// flush brings a file or a directory to the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
