package archive

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// cacheBytes is what a cache keeps of code that nobody uses. More than one
// archive of the largest size should fit.
const cacheBytes = 512 << 20

// Cache keeps unpacked code below a directory, one directory for each. Nothing
// in it outlives the process: a machine that lost its power may have kept a name
// and not what belongs to it.
type Cache struct {
	directory string

	mu      sync.Mutex
	entries map[string]*entry
	bytes   int64
	made    int // entries so far: each has a directory of its own, so that an old one may still be being removed
}

// entry is guarded by the Cache's mu, but for path, ready, err and bytes, which
// do not change any more once ready is closed.
type entry struct {
	path  string
	users int
	last  time.Time // when the last user left
	ready chan struct{}
	err   error
	bytes int64
}

// NewCache empties the directory, or makes it. Who should reach what is in it,
// is up to the directories above.
func NewCache(directory string) (*Cache, error) {
	if err := Remove(directory); err != nil {
		return nil, fmt.Errorf("empty the cache of code: %w", err)
	}
	// Whoever knows the name of some code may read it, and nobody may list them.
	if err := os.MkdirAll(directory, 0o711); err != nil {
		return nil, fmt.Errorf("make the cache of code: %w", err)
	}
	return &Cache{directory: directory, entries: make(map[string]*entry)}, nil
}

// Acquire returns the directory of the code of that name, which has no '/', and
// has unpack fill it if it is not there. The caller calls release when it does
// not need it any more. What fails is tried anew by the next caller.
func (c *Cache) Acquire(ctx context.Context, name string, unpack func(root *os.Root) error) (path string, release func(), err error) {
	e, first := c.use(name)
	if first {
		e.bytes, e.err = fill(e.path, unpack)
		c.filled(name, e)
	}
	select {
	case <-e.ready:
	case <-ctx.Done():
		c.leave(e)
		return "", nil, ctx.Err()
	}
	if e.err != nil {
		c.leave(e)
		return "", nil, e.err
	}
	return e.path, sync.OnceFunc(func() { c.leave(e) }), nil
}

// use returns the entry of that name with one user more, and whether that one
// has to fill it.
func (c *Cache) use(name string) (e *entry, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, there := c.entries[name]
	if !there {
		c.made++
		e = &entry{path: filepath.Join(c.directory, fmt.Sprintf("%s.%d", name, c.made)), ready: make(chan struct{})}
		c.entries[name] = e
	}
	e.users++
	return e, !there
}

// filled tells those who wait that the entry is there, or that it is not.
func (c *Cache) filled(name string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.err != nil {
		delete(c.entries, name)
	}
	c.bytes += e.bytes
	close(e.ready)
}

func (c *Cache) leave(e *entry) {
	c.mu.Lock()
	e.users--
	e.last = time.Now()
	unused := c.evict()
	c.mu.Unlock()
	for _, path := range unused {
		Remove(path) // what is left is emptied with the cache
	}
}

// evict forgets what has not been used for the longest time, until the rest
// fits, and returns the directories to be removed. The caller holds mu.
func (c *Cache) evict() []string {
	var unused []string
	for c.bytes > cacheBytes {
		oldest := ""
		for name, e := range c.entries {
			if e.users == 0 && (oldest == "" || e.last.Before(c.entries[oldest].last)) {
				oldest = name
			}
		}
		if oldest == "" {
			break
		}
		e := c.entries[oldest]
		c.bytes -= e.bytes
		delete(c.entries, oldest)
		unused = append(unused, e.path)
	}
	return unused
}

// fill makes the directory and has it filled. It returns how many bytes the
// code takes, and leaves nothing behind if that fails.
func fill(directory string, unpack func(root *os.Root) error) (bytes int64, err error) {
	defer func() {
		if err != nil {
			Remove(directory)
		}
	}()
	if err := os.Mkdir(directory, 0o755); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	if err := unpack(root); err != nil {
		return 0, err
	}
	return seal(root)
}

// WriteFile makes a file of one of the modes that unpacked files have.
func WriteFile(root *os.Root, name, content string, executable bool) error {
	mode := fs.FileMode(fileMode)
	if executable {
		mode = executableMode
	}
	_, err := write(root, name, strings.NewReader(content), mode, BytesMax)
	return err
}

// seal takes the right to write from all directories, and returns how many
// bytes the files have.
func seal(root *os.Root) (bytes int64, err error) {
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return root.Chmod(path, executableMode)
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// Remove removes a directory in which directories may be sealed. That it is not
// there is no error.
func Remove(directory string) error {
	// What cannot be opened or walked is RemoveAll's to report.
	if root, err := os.OpenRoot(directory); err == nil {
		fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				root.Chmod(path, 0o700)
			}
			return nil
		})
		root.Close()
	}
	return os.RemoveAll(directory)
}
