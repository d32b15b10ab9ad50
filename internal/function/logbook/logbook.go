// Package logbook keeps what functions write to their logs: the newest of it, in
// files of a bounded size, for those who ask later or want to follow.
//
// A log is named by a text and has numbered lines. Package logbook knows neither
// functions nor processes. What it keeps is no record of anything: lines of the
// last moments before a crash may be missing.
package logbook

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The bounds of a log.
const (
	fileBytesMax = 512 << 10 // then a new file is begun; the one before is kept
	LineBytesMax = 8 << 10   // a longer line is cut
	openMax      = 64        // files that are held open
)

// Line is one line of a log.
type Line struct {
	Number  int64     `json:"number"` // from 1, one more for each line of the log
	At      time.Time `json:"at"`
	Request string    `json:"request_id,omitempty"` // the call in which it was written
	Version string    `json:"version,omitempty"`    // of the function
	Text    string    `json:"text"`
}

// Book keeps logs below a directory.
type Book struct {
	directory string

	drained chan struct{} // closed when nobody shall wait any more
	drain   sync.Once

	mu   sync.Mutex
	logs map[string]*log // that were written to or waited for since the start
	open []*log          // with an open file, the one that was written to last at the end
}

// log is guarded by the mu of its own, but for changed, which is guarded by the
// Book's. That mu is held while its files are read and written: who wants the one
// log can only wait for them anyway.
type log struct {
	path    string // of the files, without the end
	mu      sync.Mutex
	file    *os.File
	bytes   int64
	last    int64 // number of the last line
	loaded  bool
	changed chan struct{} // closed when a line is added
}

// New returns a book. The directory is made if it is missing.
func New(directory string) (*Book, error) {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of logs: %w", err)
	}
	return &Book{directory: directory, drained: make(chan struct{}), logs: make(map[string]*log)}, nil
}

// Drain lets those go who wait, and nobody wait any more.
func (b *Book) Drain() { b.drain.Do(func() { close(b.drained) }) }

// The two files of a log.
const (
	current  = ".log"
	previous = ".old.log"
)

// find returns the log of that name.
func (b *Book) find(name string) *log {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok := b.logs[name]
	if !ok {
		sum := sha256.Sum256([]byte(name))
		l = &log{path: filepath.Join(b.directory, hex.EncodeToString(sum[:16])), changed: make(chan struct{})}
		b.logs[name] = l
	}
	return l
}

// Write adds lines to the log of that name. It numbers them, and cuts those that
// are too long.
func (b *Book) Write(name string, lines ...Line) error {
	l := b.find(name)
	if err := b.write(l, lines); err != nil {
		return fmt.Errorf("write a log: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return nil
}

func (b *Book) write(l *log, lines []Line) error {
	defer b.used(l)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(); err != nil {
		return err
	}
	var text []byte
	for _, line := range lines {
		l.last++
		line.Number = l.last
		if len(line.Text) > LineBytesMax {
			line.Text = line.Text[:LineBytesMax] + "…"
		}
		encoded, err := json.Marshal(line)
		if err != nil {
			return err
		}
		text = append(append(text, encoded...), '\n')
	}
	n, err := l.file.Write(text)
	if l.bytes += int64(n); err == nil && l.bytes > fileBytesMax {
		err = l.turn()
	}
	return err
}

// load opens the log's file and finds its last number, if that is not done. What
// stands after the last line end was cut off by a crash, and goes.
func (l *log) load() error {
	if l.file != nil {
		return nil
	}
	if !l.loaded {
		for _, end := range []string{previous, current} {
			whole, err := l.scan(end, func(line Line) { l.last = line.Number })
			if err != nil {
				return err
			}
			if end == current {
				if err := os.Truncate(l.path+end, whole); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
			}
		}
		l.loaded = true
	}
	file, err := os.OpenFile(l.path+current, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	l.file, l.bytes = file, info.Size()
	return nil
}

// turn begins a new file.
func (l *log) turn() error {
	err := l.file.Close()
	l.file, l.bytes = nil, 0
	return errors.Join(err, os.Rename(l.path+current, l.path+previous))
}

// scan visits the lines of a file, and returns how many bytes whole lines have.
// A line that cannot be read is passed over.
func (l *log) scan(end string, visit func(Line)) (whole int64, err error) {
	file, err := os.Open(l.path + end)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for r := bufio.NewReader(file); ; {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		whole += int64(len(text))
		var line Line
		if json.Unmarshal(text, &line) == nil {
			visit(line)
		}
	}
}

// used notes that the log has an open file, and closes that of another if there
// are many.
func (b *Book) used(l *log) {
	b.mu.Lock()
	for i, other := range b.open {
		if other == l {
			b.open = append(b.open[:i], b.open[i+1:]...)
			break
		}
	}
	b.open = append(b.open, l)
	var closing *log
	if len(b.open) > openMax {
		closing, b.open = b.open[0], b.open[1:]
	}
	b.mu.Unlock()
	if closing != nil {
		closing.mu.Lock()
		defer closing.mu.Unlock()
		if closing.file != nil {
			closing.file.Close()
			closing.file = nil
		}
	}
}

// Read returns the lines of a log after the one of a number: the first so many
// of them, or with after below 0 the last. If there are none and wait is above 0,
// it waits so long for some.
func (b *Book) Read(ctx context.Context, name string, after int64, limit int, wait time.Duration) ([]Line, error) {
	l := b.find(name)
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		b.mu.Lock()
		changed := l.changed
		b.mu.Unlock()
		lines, err := l.read(after, limit)
		if err != nil || len(lines) > 0 || wait <= 0 {
			return lines, err
		}
		select {
		case <-changed:
		case <-timeout.C:
			return nil, nil
		case <-b.drained:
			return nil, nil
		case <-ctx.Done():
			return nil, nil
		}
	}
}

func (l *log) read(after int64, limit int) ([]Line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []Line
	for _, end := range []string{previous, current} {
		_, err := l.scan(end, func(line Line) {
			switch {
			case line.Number <= after || after >= 0 && len(lines) == limit:
				return
			case len(lines) == limit:
				lines = lines[1:]
			}
			lines = append(lines, line)
		})
		if err != nil {
			return nil, fmt.Errorf("read a log: %w", err)
		}
	}
	return lines, nil
}

// Remove removes a log.
func (b *Book) Remove(name string) error {
	l := b.find(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	l.bytes = 0
	var problems []error
	for _, end := range []string{previous, current} {
		if err := os.Remove(l.path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
