package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The modes of what is unpacked: nobody writes to it, everybody may read it who
// can reach it, and what was executable stays so.
const (
	fileMode       = 0o444
	executableMode = 0o555
)

// Unpack writes the archive's files below the root, which should be empty. An
// error may leave some of them behind.
func (a *Archive) Unpack(root *os.Root) error {
	for _, name := range a.Directories {
		if err := root.Mkdir(name, 0o755); err != nil {
			return fmt.Errorf("unpack the archive: %w", err)
		}
	}
	left := int64(BytesMax)
	for _, f := range a.files {
		n, err := unpack(root, f, left)
		if err != nil {
			return fmt.Errorf("unpack the archive's entry %s: %w", shown(f.Name), err)
		}
		left -= n
	}
	return nil
}

// unpack writes one file of at most left bytes and returns its length.
func unpack(root *os.Root, f *zip.File, left int64) (int64, error) {
	content, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer content.Close()
	mode := fs.FileMode(fileMode)
	if f.Mode()&0o111 != 0 {
		mode = executableMode
	}
	return write(root, f.Name, io.LimitReader(content, left+1), mode, left)
}

// write makes a file and fails if there is more than left bytes to write.
func write(root *os.Root, name string, content io.Reader, mode fs.FileMode, left int64) (int64, error) {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(file, content)
	if err == nil && n > left {
		err = fmt.Errorf("it unpacks to more than it said, and the archive to more than %d bytes", BytesMax)
	}
	// The mode goes to the file itself: what the umask takes away of it would
	// be missing.
	return n, errors.Join(err, file.Chmod(mode), file.Close())
}
