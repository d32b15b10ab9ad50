// Package archive reads the code of functions: zip archives made by strangers,
// and single source files. It unpacks them below a directory that it is given,
// and keeps what it has unpacked, by name, for as long as there is room.
//
// It trusts nothing that an archive says of itself: names, sizes and counts are
// checked before anything is written, and again while it is. It knows nothing
// of functions, runtimes or processes.
package archive

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// The limits of an archive.
const (
	BytesMax   = 100 << 20 // unpacked, in all
	EntriesMax = 10_000
	RatioMax   = 100 // unpacked bytes to packed ones, of an archive that unpacks to more than ratioFree

	// ratioFree lets a small file of zeros be what it is.
	ratioFree = 1 << 20
	pathMax   = 1024 // bytes of a name with its directories
	nameMax   = 255  // bytes of a part of it, as file systems have it
)

// Archive is a zip archive that has been checked.
type Archive struct {
	files       []*zip.File
	Directories []string // all of them, each after those that it lies in
}

// Open checks an archive by what its directory says. The error names the entry
// and what is wrong with it.
func Open(data []byte) (*Archive, error) {
	if err := checkDirectory(data); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("the code is not a zip archive: %w", err)
	}
	if len(r.File) > EntriesMax {
		return nil, tooManyEntries(len(r.File))
	}
	t := newTree()
	a := new(Archive)
	var total uint64
	for _, f := range r.File {
		if err := t.add(f); err != nil {
			return nil, fmt.Errorf("the archive's entry %s %w", shown(f.Name), err)
		}
		if f.CompressedSize64 > uint64(len(data)) {
			return nil, fmt.Errorf("the archive's entry %s says that it has %d bytes there, more than the whole archive", shown(f.Name), f.CompressedSize64)
		}
		// Before it is added: sizes that are only said have sums that overflow.
		if f.UncompressedSize64 > BytesMax-total {
			return nil, fmt.Errorf("the archive unpacks to more than %d bytes", BytesMax)
		}
		total += f.UncompressedSize64
		if !f.Mode().IsDir() {
			a.files = append(a.files, f)
		}
	}
	if total > ratioFree && total > RatioMax*uint64(len(data)) {
		return nil, fmt.Errorf("the archive unpacks to %d bytes, more than %d times its size", total, RatioMax)
	}
	if err := checkOverlaps(a.files); err != nil {
		return nil, err
	}
	a.Directories = t.directories
	return a, nil
}

// Has reports whether the archive has a file of that name.
func (a *Archive) Has(name string) bool {
	return slices.ContainsFunc(a.files, func(f *zip.File) bool { return f.Name == name })
}

// The records at the end of an archive, and the header of each entry of its
// directory.
const (
	endSignature   = "PK\x05\x06"
	endLength      = 22
	entrySignature = "PK\x01\x02"
)

// checkDirectory bounds the number of entries before package zip makes an
// object of each. Package zip reads the directory from where the end record says
// that it begins until there are no more entries, however many are announced; so
// the archive must be laid out plainly, and the signatures are counted.
func checkDirectory(data []byte) error {
	end := bytes.LastIndex(data, []byte(endSignature))
	if end < 0 || len(data)-end < endLength {
		return errors.New("the code is not a zip archive: it has no end record")
	}
	record := data[end:]
	entries := int(binary.LittleEndian.Uint16(record[10:]))
	size := int64(binary.LittleEndian.Uint32(record[12:]))
	offset := int64(binary.LittleEndian.Uint32(record[16:]))
	if entries > EntriesMax {
		return tooManyEntries(entries)
	}
	if offset+size != int64(end) {
		return errors.New("the archive's directory does not stand where its end record says: it must be a plain zip file, with nothing before it and in one part")
	}
	if n := bytes.Count(data[offset:end], []byte(entrySignature)); n > EntriesMax {
		return tooManyEntries(n)
	}
	return nil
}

func tooManyEntries(n int) error {
	return fmt.Errorf("the archive has %d entries; %d are allowed", n, EntriesMax)
}

// checkOverlaps refuses entries that share bytes of the archive: they are how
// few bytes unpack to very many.
func checkOverlaps(files []*zip.File) error {
	type span struct {
		from, to int64
		name     string
	}
	spans := make([]span, 0, len(files))
	for _, f := range files {
		from, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("the archive's entry %s cannot be read: %w", shown(f.Name), err)
		}
		spans = append(spans, span{from, from + int64(f.CompressedSize64), f.Name})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		// Two empty files may stand at one place.
		if spans[i].from < spans[i-1].to {
			return fmt.Errorf("the archive's entries %s and %s overlap", shown(spans[i-1].name), shown(spans[i].name))
		}
	}
	return nil
}

// shown returns a name for a message.
func shown(name string) string {
	if len(name) > 80 {
		name = name[:80] + "…"
	}
	return fmt.Sprintf("%q", name)
}

// kind says what an entry is that is neither a file nor a directory.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "neither a file nor a directory"
}
