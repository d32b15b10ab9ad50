package e2e

import (
	"fmt"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"
)

// TestKillAtEachWrite kills the server just before one of its writes or syncs:
// in a run of the same requests before the first, in another before the second,
// and so on.
func TestKillAtEachWrite(t *testing.T) {
	t.Parallel()
	atCalls(t, amount(2, 30), func(kind callKind, nth int) (func(systemCall) fate, string) {
		return func(c systemCall) fate {
			return fate{kill: c.kind == kind && c.nth == nth}
		}, "killed"
	}, func(t *testing.T, s *server) {
		s.kill() // it is dead, unless this run went another way
	})
}

// TestDiskErrors makes one of the server's writes or syncs fail, or all from
// one on. Nobody can know then what has been stored: whoever waits is told so
// and the process ends, or it was certain that nothing was stored and it goes
// on. What it has said in either case must be true.
func TestDiskErrors(t *testing.T) {
	t.Parallel()
	for name, errno := range map[string]unix.Errno{"EIO": unix.EIO, "EROFS": unix.EROFS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atCalls(t, amount(1, 25), failOnce(errno), mayHaveStopped)
			atCalls(t, amount(1, 25), failFrom(errno), mayHaveStopped)
		})
	}
}

// fault returns the rule for a run in which something befalls the nth call of a
// kind, and how to name it.
type fault func(kind callKind, nth int) (rule func(systemCall) fate, name string)

func failOnce(errno unix.Errno) fault {
	return func(kind callKind, nth int) (func(systemCall) fate, string) {
		return func(c systemCall) fate {
			if c.kind == kind && c.nth == nth {
				return fate{errno: errno}
			}
			return fate{}
		}, "once"
	}
}

func failFrom(errno unix.Errno) fault {
	return func(kind callKind, nth int) (func(systemCall) fate, string) {
		return func(c systemCall) fate {
			if c.kind == kind && c.nth >= nth {
				return fate{errno: errno}
			}
			return fate{}
		}, "from then on"
	}
}

// mayHaveStopped ends a server, unless it has ended by itself: then it must have
// said why.
func mayHaveStopped(t *testing.T, s *server) {
	t.Helper()
	code := s.end()
	if said := s.tail(); code != 0 && (code != 1 || !whyStopped.MatchString(said)) {
		t.Errorf("the server ended with the code %d and said:\n%s", code, said)
	}
}

// whyStopped is the line with which a server ends whose disk has failed.
var whyStopped = regexp.MustCompile(`(?m)^heddle: .*(disk I/O error|input/output error|read-only file system)`)

// atCalls runs the script once as it is, to see which calls it makes, and then
// at some of them, spread evenly, with a fault. After each the server starts
// again and is looked at.
func atCalls(t *testing.T, points int, f fault, end func(*testing.T, *server)) {
	p := newPrepared(t)
	calm := p.load(t)
	seen := calm.s.intercept(t, syncs, writes)
	calm.s.start()
	seen.set(nil)
	calm.script(t)
	for _, kind := range []callKind{syncs, writes} {
		all := seen.count(kind)
		for point := range points {
			nth := 1 + point*all/points
			rule, name := f(kind, nth)
			t.Run(fmt.Sprintf("%s %d of %d, %s", kind, nth, all, name), func(t *testing.T) {
				t.Parallel()
				l := p.load(t)
				calls := l.s.intercept(t, syncs, writes)
				l.s.start()
				calls.set(rule)
				l.script(t)
				if calls.count(kind) < nth {
					t.Logf("there were only %d", calls.count(kind))
				}
				end(t, l.s)
				calls.set(nil)
				l.s.start()
				l.verify(t)
			})
		}
	}
}
