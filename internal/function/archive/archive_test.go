package archive_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"heddle/internal/function/archive"
)

// entry is a file of an archive.
type entry struct {
	name    string
	content string
	mode    fs.FileMode // 0 for what archives without modes have
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.content == "" {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if e.content != "" {
			if _, err := f.Write([]byte(e.content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(data []byte, directory string) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer root.Close()
	a, err := archive.Open(data)
	if err != nil {
		return err
	}
	return a.Unpack(root)
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	data := zipOf(t,
		entry{name: "index.js", content: "x"},
		entry{name: "empty/", mode: fs.ModeDir | 0o755},
		entry{name: "a/b/c.txt", content: "deep", mode: 0o644},
		entry{name: "run", content: "#!/bin/sh", mode: 0o755 | fs.ModeSetuid},
		entry{name: "文件..name", content: ""},
	)
	directory := t.TempDir()
	if err := unpack(data, directory); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == directory {
			return err
		}
		info, err := d.Info()
		name, _ := filepath.Rel(directory, path)
		got = append(got, fmt.Sprintf("%s %v", name, info.Mode()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a drwxr-xr-x", "a/b drwxr-xr-x", "a/b/c.txt -r--r--r--", "empty drwxr-xr-x", "index.js -r--r--r--",
		"run -r-xr-xr-x", "文件..name -r--r--r--",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestRefused is archives that would do harm. Nothing of any is unpacked.
func TestRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	file := func(name string) []byte { return zipOf(t, entry{name: name, content: "x"}) }
	good := file("a")
	many := make([]entry, archive.EntriesMax+1)
	for i := range many {
		many[i].name = fmt.Sprint(i)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":          {nil, "not a zip archive"},
		"text":             {[]byte("def handler(event, context): pass"), "not a zip archive"},
		"cut off":          {good[:len(good)-1], "not a zip archive"},
		"with a prefix":    {append([]byte("#!/bin/sh\n"), good...), "nothing before it"},
		"parent":           {file("../a"), `"../a" has a part of its name that is empty, '.' or '..'`},
		"parent inside":    {file("a/../../b"), "'..'"},
		"itself":           {file("./a"), "'.'"},
		"empty part":       {file("a//b"), "empty"},
		"absolute":         {file("/etc/passwd"), "an absolute name"},
		"drive":            {file("C:/a"), "an absolute name"},
		"drive, relative":  {file("C:a"), "an absolute name"},
		"backslash":        {file(`..\a`), "a backslash"},
		"no name":          {zipOf(t, entry{name: ""}), "has no name"},
		"root":             {zipOf(t, entry{name: "/"}), "has no name"},
		"control":          {file("a\nb"), "a control character"},
		"NUL":              {file("a\x00b"), "a control character"},
		"not UTF-8":        {file("a\xffb"), "UTF-8"},
		"long part":        {file(long), "a part of its name of 300 bytes"},
		"4 KiB of name":    {file(strings.Repeat("abcdefg/", 512) + "a"), "has a name of 4097 bytes"},
		"symbolic link":    {zipOf(t, entry{name: "a", content: "/etc", mode: fs.ModeSymlink | 0o777}), `"a" is a symbolic link`},
		"through a link":   {zipOf(t, entry{name: "a", content: "/tmp", mode: fs.ModeSymlink | 0o777}, entry{name: "a/b", content: "x"}), "a symbolic link"},
		"device":           {zipOf(t, entry{name: "a", mode: fs.ModeDevice | 0o666}), "a device"},
		"pipe":             {zipOf(t, entry{name: "a", mode: fs.ModeNamedPipe | 0o666}), "a named pipe"},
		"socket":           {zipOf(t, entry{name: "a", mode: fs.ModeSocket | 0o666}), "a socket"},
		"directory, file":  {zipOf(t, entry{name: "a", mode: fs.ModeDir | 0o755}), "but not by both"},
		"twice":            {zipOf(t, entry{name: "a", content: "1"}, entry{name: "a", content: "2"}), "twice"},
		"file, directory":  {zipOf(t, entry{name: "a", content: "1"}, entry{name: "a/b", content: "2"}), "twice"},
		"directory, then":  {zipOf(t, entry{name: "a/b", content: "1"}, entry{name: "a", content: "2"}), "twice"},
		"case":             {zipOf(t, entry{name: "README", content: "1"}, entry{name: "readme", content: "2"}), "the case of letters only"},
		"case, directory":  {zipOf(t, entry{name: "Src/a", content: "1"}, entry{name: "src/b", content: "2"}), "the case of letters only"},
		"bomb":             {zipOf(t, entry{name: "a", content: strings.Repeat("\x00", 2<<20)}), "more than 100 times its size"},
		"large":            {saidSize(zipOf(t, entry{name: "a", content: "x"}), archive.BytesMax+1), "more than 104857600 bytes"},
		"many entries":     {zipOf(t, many...), "10001 entries; 10000 are allowed"},
		"many, in secret":  {fewerSaid(zipOf(t, many...)), "10001 entries"},
		"encrypted":        {flagged(good), "encrypted"},
		"overlapping":      {overlapping(t), "overlap"},
		"hidden overlap":   {overlaid(saying(t, said{packed: math.MaxInt64}, said{})), "more than the whole archive"},
		"overflowing":      {saying(t, said{}, said{unpacked: math.MaxUint64}), "more than 104857600 bytes"},
		"larger than said": {saidSize(zipOf(t, entry{name: "a", content: strings.Repeat("ab", 5000)}), 10), "zip: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			directory := filepath.Join(parent, "code")
			if err := os.Mkdir(directory, 0o755); err != nil {
				t.Fatal(err)
			}
			err := unpack(c.data, directory)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if entries, _ := os.ReadDir(parent); len(entries) != 1 {
				t.Errorf("beside the directory there is %v", entries)
			}
		})
	}
}

// The offsets of the fields that the tests change, from the signature of an
// entry in the directory of an archive, and of the end record.
const (
	flagsAt    = 8
	sizeAt     = 24
	offsetAt   = 42
	endEntries = 8
)

func directoryOf(data []byte) []byte { return data[bytes.Index(data, []byte("PK\x01\x02")):] }

func flagged(data []byte) []byte {
	data = bytes.Clone(data)
	directoryOf(data)[flagsAt] |= 1
	return data
}

// saidSize says of an entry that it has so many bytes.
func saidSize(data []byte, bytesSaid uint32) []byte {
	data = bytes.Clone(data)
	binary.LittleEndian.PutUint32(directoryOf(data)[sizeAt:], bytesSaid)
	return data
}

// fewerSaid says that there are 5 entries.
func fewerSaid(data []byte) []byte {
	data = bytes.Clone(data)
	end := data[bytes.LastIndex(data, []byte("PK\x05\x06")):]
	binary.LittleEndian.PutUint16(end[endEntries:], 5)
	binary.LittleEndian.PutUint16(end[endEntries+2:], 5)
	return data
}

// overlapping has two entries of one content.
func overlapping(t testing.TB) []byte {
	return overlaid(zipOf(t, entry{name: "a", content: "content"}, entry{name: "b", content: "content"}))
}

// overlaid has the second entry of an archive stand where the first does.
func overlaid(data []byte) []byte {
	directory := directoryOf(data)
	second := directory[4+bytes.Index(directory[4:], []byte("PK\x01\x02")):]
	binary.LittleEndian.PutUint32(second[offsetAt:], 0)
	return data
}

// said is what an entry says of its size; where it is 0, it says the truth.
type said struct{ packed, unpacked uint64 }

// saying has an entry for each, with a field in which there is room for any size.
func saying(t testing.TB, all ...said) []byte {
	t.Helper()
	const content = "content"
	var data, packed bytes.Buffer
	packer, _ := flate.NewWriter(&packed, flate.BestSpeed) // the level is one that there is
	packer.Write([]byte(content))
	packer.Close()
	w := zip.NewWriter(&data)
	for i, s := range all {
		file, err := w.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprint(i), Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(content)),
			CompressedSize64: cmp.Or(s.packed, uint64(packed.Len())), UncompressedSize64: cmp.Or(s.unpacked, uint64(len(content))),
		})
		if err == nil {
			_, err = file.Write(packed.Bytes())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func TestCache(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "code")
	c, err := archive.NewCache(directory)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	fills := 0
	fill := func(root *os.Root) error {
		fills++
		return archive.WriteFile(root, "a", "content", false)
	}
	path, release, err := c.Acquire(ctx, "x", fill)
	if err != nil {
		t.Fatal(err)
	}
	again, releaseAgain, err := c.Acquire(ctx, "x", fill)
	if err != nil || again != path || fills != 1 {
		t.Errorf("got %s, %v and %d fills, want %s", again, err, fills, path)
	}
	release()
	releaseAgain()
	if text, err := os.ReadFile(filepath.Join(path, "a")); err != nil || string(text) != "content" {
		t.Errorf("got %q, %v", text, err)
	}

	broken := errors.New("broken")
	if _, _, err := c.Acquire(ctx, "y", func(*os.Root) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if _, release, err := c.Acquire(ctx, "y", fill); err != nil {
		t.Error(err)
	} else {
		release()
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 2 {
		t.Errorf("the cache has %v", entries)
	}
	if _, err := archive.NewCache(directory); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 0 {
		t.Errorf("the emptied cache has %v", entries)
	}
}

// FuzzUnpack wants nothing outside the directory, whatever the bytes are.
func FuzzUnpack(f *testing.F) {
	f.Add(zipOf(f, entry{name: "a/b", content: "x"}, entry{name: "c", content: "y", mode: 0o755}))
	f.Add(zipOf(f, entry{name: "../a", content: "x"}))
	f.Add(zipOf(f, entry{name: "a", content: "/etc", mode: fs.ModeSymlink | 0o777}))
	f.Add(overlapping(f))
	f.Add(flagged(zipOf(f, entry{name: "a", content: "x"})))
	f.Add(overlaid(saying(f, said{packed: math.MaxInt64}, said{})))
	f.Add(saying(f, said{}, said{unpacked: math.MaxUint64}))
	f.Fuzz(func(t *testing.T, data []byte) {
		parent := t.TempDir()
		directory := filepath.Join(parent, "code")
		if err := os.Mkdir(directory, 0o755); err != nil {
			t.Fatal(err)
		}
		unpack(data, directory)
		if entries, _ := os.ReadDir(parent); len(entries) != 1 {
			t.Errorf("beside the directory there is %v", entries)
		}
		var bytes int64
		filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				t.Fatal(err)
			}
			if !d.IsDir() && !d.Type().IsRegular() {
				t.Errorf("%s is a %v", path, d.Type())
			}
			if info, err := d.Info(); err == nil && !d.IsDir() {
				bytes += info.Size()
			}
			return nil
		})
		if bytes > archive.BytesMax {
			t.Errorf("%d bytes", bytes)
		}
	})
}

// TestRemove removes what nobody may write to; for root that is no test.
func TestRemove(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	directory := filepath.Join(t.TempDir(), "code")
	deep := filepath.Join(directory, "a", "b")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(
		os.WriteFile(filepath.Join(deep, "c"), nil, 0o444), os.Symlink(outside, filepath.Join(deep, "link")),
		os.Chmod(outside, 0o750), os.Chmod(deep, 0o555), os.Chmod(filepath.Dir(deep), 0o555), os.Chmod(directory, 0o555))
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Remove(directory); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(directory); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if info, err := os.Stat(outside); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("what a link leads to has become %v, %v", info, err)
	}
	if err := archive.Remove(directory); err != nil {
		t.Errorf("what is not there: %v", err)
	}
}
