package process

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
)

// FuzzFrames has an instance say anything: it is read frame by frame, none longer
// than allowed, until it ends or cannot be read.
func FuzzFrames(f *testing.F) {
	const resultBytes = 64
	frame := func(content string) string { return fmt.Sprintf("\x00\x00\x00%c%s", len(content), content) }
	f.Add(frame(`{"kind":"ready"}`+"\n") + frame(`{"kind":"result"}`+"\n"+`{"a":1}`))
	f.Add(frame(`{"kind":"error","type":"T","message":"m","stack":"s","failure":"States.NotFound","fatal":true}` + "\n"))
	f.Add(frame("{}") + frame("\n") + frame(`{"bytes":1e99}`+"\n"))
	f.Add("\xff\xff\xff\xff{}\n")
	f.Add("\x00\x01\x00\x80{}\n" + strings.Repeat("x", headerBytesMax+resultBytes+61)) // one byte too long
	f.Add("\x00\x00\x00")
	f.Fuzz(func(t *testing.T, said string) {
		c := frames{resultBytes: resultBytes, reader: bufio.NewReader(strings.NewReader(said))}
		read := 0
		for {
			got, output, err := c.receive()
			if err != nil {
				return
			}
			header := strings.IndexByte(said[read+4:], '\n')
			if read += 4 + header + 1 + len(output); header < 0 || read > len(said) || len(output) > resultBytes+headerBytesMax || !strings.HasSuffix(said[:read], output) {
				t.Fatalf("%q: got %+v and %q", said, got, output)
			}
		}
	})
}
