package drivers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
)

func open(tb testing.TB, name string) connection {
	tb.Helper()
	for _, c := range candidates {
		if c.name != name {
			continue
		}
		conn, err := c.open(filepath.Join(tb.TempDir(), "bench.db"))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() {
			if err := conn.close(); err != nil {
				tb.Error(err)
			}
		})
		return conn
	}
	tb.Fatalf("no candidate %s", name)
	return nil
}

// turns makes turns number from to from+n-1; ids grow, as Heddle's do.
func turns(from, n int) []turn {
	records := bytes.Repeat([]byte("0123456789"), 30)
	ts := make([]turn, n)
	for i := range ts {
		id := make([]byte, 16)
		binary.BigEndian.PutUint64(id, uint64(from+i))
		ts[i] = turn{id: id, name: fmt.Sprintf("analysis-%06d", (from+i)%1000), started: 1502363174287, records: records}
	}
	return ts
}

func TestCandidatesReadWhatTheyWrote(t *testing.T) {
	for _, c := range candidates {
		t.Run(c.name, func(t *testing.T) {
			conn := open(t, c.name)
			version, err := conn.version()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("SQLite %s", version)
			ts := turns(0, 3)
			if err := conn.commit(ts); err != nil {
				t.Fatal(err)
			}
			got, err := conn.read(ts[1].id)
			if err != nil || !bytes.Equal(got, ts[1].records) {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, c := range candidates {
		for _, size := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/group=%d", c.name, size), func(b *testing.B) {
				conn := open(b, c.name)
				ts := turns(0, b.N)
				b.ReportAllocs()
				b.ResetTimer()
				before := cpu(b)
				for len(ts) > 0 {
					n := min(size, len(ts))
					if err := conn.commit(ts[:n]); err != nil {
						b.Fatal(err)
					}
					ts = ts[n:]
				}
				b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/turn")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, c := range candidates {
		b.Run(c.name, func(b *testing.B) {
			const stored = 10_000
			conn := open(b, c.name)
			ts := turns(0, stored)
			if err := conn.commit(ts); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if _, err := conn.read(ts[i*7919%stored].id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// cpu returns the processor time that the process has used, in nanoseconds.
func cpu(tb testing.TB) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
