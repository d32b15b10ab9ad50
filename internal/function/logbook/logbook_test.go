package logbook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"heddle/internal/function/logbook"
)

func newBook(t *testing.T, directory string) *logbook.Book {
	t.Helper()
	b, err := logbook.New(directory)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, b *logbook.Book, name string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := b.Write(name, logbook.Line{At: time.UnixMilli(1).UTC(), Request: "r", Text: text}); err != nil {
			t.Fatal(err)
		}
	}
}

// check wants these lines, as "number text".
func check(t *testing.T, b *logbook.Book, name string, after int64, limit int, want ...string) {
	t.Helper()
	lines, err := b.Read(context.Background(), name, after, limit, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines {
		got = append(got, fmt.Sprint(line.Number, " ", line.Text))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("after %d: got %q, want %q", after, got, want)
	}
}

func TestReadAndRestart(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	b := newBook(t, directory)
	check(t, b, "f", 0, 10)
	write(t, b, "f", "one", "two", "three")
	write(t, b, "g/../h", "other")
	check(t, b, "f", 0, 10, "1 one", "2 two", "3 three")
	check(t, b, "f", 1, 1, "2 two")
	check(t, b, "f", -1, 2, "2 two", "3 three")
	check(t, b, "f", 3, 10)
	check(t, b, "g/../h", 0, 10, "1 other")

	// A crash has cut a line off.
	files, err := filepath.Glob(filepath.Join(directory, "*.log"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString(`{"number":4,"te`)
		f.Close()
	}
	b = newBook(t, directory)
	check(t, b, "f", 2, 10, "3 three")
	write(t, b, "f", "four")
	check(t, b, "f", 2, 10, "3 three", "4 four")

	if err := b.Remove("f"); err != nil {
		t.Fatal(err)
	}
	check(t, b, "f", 0, 10)
	write(t, b, "f", "five")
	check(t, b, "f", 0, 10, "5 five")
}

// TestBounds writes more than is kept.
func TestBounds(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	b := newBook(t, directory)
	long := strings.Repeat("x", 2*logbook.LineBytesMax)
	for range 400 {
		write(t, b, "f", long)
	}
	var bytes int64
	files, _ := filepath.Glob(filepath.Join(directory, "*"))
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	if len(files) > 2 || bytes > 2*(512<<10+logbook.LineBytesMax+1000) {
		t.Errorf("%d files of %d bytes", len(files), bytes)
	}
	lines, err := b.Read(context.Background(), "f", -1, 1000, 0)
	if err != nil || len(lines) < 30 || lines[len(lines)-1].Number != 400 || len(lines[0].Text) != logbook.LineBytesMax+len("…") {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// TestMany has more logs than open files.
func TestMany(t *testing.T) {
	t.Parallel()
	b := newBook(t, t.TempDir())
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() { write(t, b, fmt.Sprint(n%100), "x") })
	}
	all.Wait()
	for n := range 100 {
		check(t, b, fmt.Sprint(n), 0, 10, "1 x", "2 x")
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	b := newBook(t, t.TempDir())
	write(t, b, "f", "one")
	got := make(chan []logbook.Line)
	go func() {
		lines, _ := b.Read(context.Background(), "f", 1, 10, time.Minute)
		got <- lines
	}()
	write(t, b, "g", "another log")
	write(t, b, "f", "two")
	if lines := <-got; len(lines) != 1 || lines[0].Text != "two" {
		t.Errorf("got %v", lines)
	}
	b.Drain()
	if lines, err := b.Read(context.Background(), "f", 2, 10, time.Minute); len(lines) != 0 || err != nil {
		t.Errorf("got %v, %v", lines, err)
	}
	b = newBook(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if lines, err := b.Read(ctx, "f", 2, 10, time.Minute); len(lines) != 0 || err != nil {
		t.Errorf("got %v, %v", lines, err)
	}
}
