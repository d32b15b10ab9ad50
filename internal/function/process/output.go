package process

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/logbook"
)

// callLogBytes is what one call may write to the function's log. What it writes
// beyond that is read and forgotten, but for the end of it.
const callLogBytes = 1 << 20

// output is what an instance writes: the end of what it wrote in the call that it
// serves, and its lines for the function's log.
type output struct {
	logs    *logbook.Book
	report  *slog.Logger
	name    string // of the log
	version string
	masks   function.Masks

	mu      sync.Mutex
	request string // of the call; "" between calls
	tail    []byte // at most twice function.LogTailBytes
	line    []byte // that has not ended yet
	last    string // line that was ended
	left    int    // bytes of callLogBytes
}

func (r *Runtime) newOutput(s function.Spec) *output {
	return &output{
		logs: r.logs, report: r.log,
		name: function.LogName(s.Project, s.Package, s.Name), version: s.Version,
		masks: function.NewMasks(maps.Values(s.Secrets)),
		left:  callLogBytes,
	}
}

// begin says that what is written from now on belongs to a call.
func (o *output) begin(request string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut()
	o.request, o.tail, o.left = request, nil, callLogBytes
}

// finish returns the end of what the call has written. What is written from now
// on belongs to no call.
func (o *output) finish() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut()
	text := o.masks.Text(string(o.tail))
	o.request, o.tail = "", nil
	return strings.ToValidUTF8(text[max(0, len(text)-function.LogTailBytes):], "�")
}

// take takes what was written.
func (o *output) take(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.request != "" {
		o.tail = append(o.tail, text[max(0, len(text)-function.LogTailBytes):]...)
		if over := len(o.tail) - function.LogTailBytes; over > function.LogTailBytes {
			o.tail = append([]byte(nil), o.tail[over:]...)
		}
	}
	var lines []logbook.Line
	for len(text) > 0 && o.left > 0 {
		part, rest, ended := bytes.Cut(text, []byte{'\n'})
		text = rest
		part = part[:min(len(part), o.left)]
		o.left -= len(part) + 1
		o.line = append(o.line, part...)
		if ended || len(o.line) > logbook.LineBytesMax {
			lines = append(lines, o.newLine(string(o.line)))
			o.line = o.line[:0]
		}
		if o.left <= 0 {
			lines = append(lines, o.newLine(fmt.Sprintf("(the rest of this call's log, beyond %d bytes, is not kept)", callLogBytes)))
		}
	}
	o.write(lines)
}

// failure adds what a failure says.
func (o *output) failure(f *function.Failure) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut()
	text := f.Text()
	if o.request != "" {
		o.tail = append(o.tail, text+"\n"...)
	}
	var lines []logbook.Line
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, o.newLine(line))
	}
	o.write(lines)
}

// refusal adds why a connection was not made.
func (o *output) refusal(address string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut()
	o.write([]logbook.Line{o.newLine(fmt.Sprintf("(no connection to %s: %v)", address, err))})
}

// flush ends the line that has not ended.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut()
}

func (o *output) lastLine() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.ToValidUTF8(o.last, "�")
}

func (o *output) cut() {
	if len(o.line) > 0 {
		o.write([]logbook.Line{o.newLine(string(o.line))})
		o.line = o.line[:0]
	}
}

func (o *output) newLine(text string) logbook.Line {
	text = o.masks.Text(text)
	o.last = text[:min(len(text), lastLineBytes)]
	return logbook.Line{At: time.Now().UTC().Truncate(time.Millisecond), Request: o.request, Version: o.version, Text: text}
}

// lastLineBytes of a line are enough to say why a process has ended.
const lastLineBytes = 300

func (o *output) write(lines []logbook.Line) {
	if len(lines) == 0 {
		return
	}
	if err := o.logs.Write(o.name, lines...); err != nil {
		o.report.Warn("the log of a function is not kept", "function", o.name, "error", err)
	}
}

// digest names things by texts that cannot be file names.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
