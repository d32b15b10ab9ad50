package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// interceptor has the word on some system calls of a server: the kernel asks it
// before each of them (seccomp user notification), and the thread that makes
// the call waits meanwhile. The server is the one that everybody runs; what it
// does not ask the kernel for is as fast as ever.
type interceptor struct {
	mu   sync.Mutex
	rule func(systemCall) fate // guarded by mu
	seen map[callKind]int      // how many calls there were since the rule was set; guarded by mu
}

// systemCall is a call that the server is about to make.
type systemCall struct {
	kind callKind
	nth  int // of its kind, since the rule was set; from 1
}

// callKind is what a system call is for.
type callKind string

const (
	syncs  callKind = "sync"  // what is written becomes durable
	writes callKind = "write" // to a place in a file
	clocks callKind = "clock" // the time of day is read
)

var kinds = map[int]callKind{
	unix.SYS_FSYNC:         syncs,
	unix.SYS_FDATASYNC:     syncs,
	unix.SYS_PWRITE64:      writes,
	unix.SYS_CLOCK_GETTIME: clocks,
}

// fate is what becomes of a call. The zero fate lets it pass.
type fate struct {
	delay time.Duration // before anything else
	errno unix.Errno    // the call fails so, and does nothing
	kill  bool          // the process is killed before it can make the call
	clock time.Time     // what clock_gettime returns
}

// interceptVariable tells the test binary to become a server whose calls of the
// listed numbers are intercepted.
const interceptVariable = "HEDDLE_E2E_INTERCEPT"

// socketFD is where it finds the socket that takes the listener.
const socketFD = 3

// intercept has calls of some kinds intercepted in every process of the server
// from the next on. They pass until there is a rule.
func (s *server) intercept(t *testing.T, wanted ...callKind) *interceptor {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	i := &interceptor{}
	i.set(nil)
	var list strings.Builder
	for number, kind := range kinds {
		if slices.Contains(wanted, kind) {
			fmt.Fprintf(&list, "%d ", number)
		}
	}
	s.prepare = func(p *exec.Cmd) (started func()) {
		ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		theirs := os.NewFile(uintptr(ends[1]), "socket")
		p.Env = append(p.Env, interceptVariable+"="+list.String())
		p.Args[0] = p.Path // for it to execute
		p.Path = self
		p.ExtraFiles = []*os.File{theirs}
		return func() {
			theirs.Close()
			defer unix.Close(ends[0])
			listener, err := receiveFD(ends[0])
			if err != nil {
				t.Skipf("system calls cannot be intercepted here: %v\n%s", err, s.tail())
			}
			go i.serve(listener, p.Process)
		}
	}
	return i
}

// set makes a rule the one that holds from now on, and counts anew. With nil
// everything passes.
func (i *interceptor) set(rule func(systemCall) fate) {
	if rule == nil {
		rule = func(systemCall) fate { return fate{} }
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.rule, i.seen = rule, map[callKind]int{}
}

// count returns how many calls there were since the rule was set.
func (i *interceptor) count(kind callKind) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.seen[kind]
}

func (i *interceptor) decide(kind callKind) fate {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen[kind]++
	return i.rule(systemCall{kind, i.seen[kind]})
}

// notification is struct seccomp_notif of the kernel.
type notification struct {
	id          uint64
	pid, flags  uint32
	number      int32
	arch        uint32
	instruction uint64
	args        [6]uint64
}

// reply is struct seccomp_notif_resp.
type reply struct {
	id    uint64
	value int64
	errno int32 // negative
	flags uint32
}

// serve answers the kernel until the process is gone.
func (i *interceptor) serve(listener int, p *os.Process) {
	defer unix.Close(listener)
	for {
		ready := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(ready, -1); err == unix.EINTR {
			continue
		}
		if ready[0].Revents&unix.POLLIN == 0 {
			return
		}
		var n notification
		if err := ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			continue // its thread has died meanwhile
		}
		switch f := i.decide(kinds[int(n.number)]); {
		case f.kill:
			p.Kill()
		case f.delay > 0:
			time.AfterFunc(f.delay, func() { answerCall(listener, n, f) })
		default:
			answerCall(listener, n, f)
		}
	}
}

func answerCall(listener int, n notification, f fate) {
	r := reply{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	switch {
	case f.errno != 0:
		r.errno, r.flags = -int32(f.errno), 0
	case !f.clock.IsZero() && writeTime(n, f.clock) == nil:
		r.flags = 0
	}
	// It fails if the process was killed meanwhile, which is as good.
	_ = ioctl(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

// writeTime puts the result of a clock_gettime where the caller wants it.
func writeTime(n notification, at time.Time) error {
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", n.pid), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer memory.Close()
	result := unix.NsecToTimespec(at.UnixNano())
	_, err = memory.WriteAt(unsafe.Slice((*byte)(unsafe.Pointer(&result)), unsafe.Sizeof(result)), int64(n.args[1]))
	return err
}

func ioctl(fd int, request uint, arg unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg)); errno != 0 {
		return errno
	}
	return nil
}

// becomeIntercepted turns this process into the program that its arguments
// name, with the system calls intercepted that the environment lists. Without
// such a list it returns at once.
func becomeIntercepted() {
	list := os.Getenv(interceptVariable)
	if list == "" {
		return
	}
	runtime.LockOSThread() // the filter is this thread's, and that of the program which it executes
	err := func() error {
		listener, err := installFilter(list)
		if err != nil {
			return fmt.Errorf("install filter: %w", err)
		}
		if err := unix.Sendmsg(socketFD, []byte{0}, unix.UnixRights(listener), nil, 0); err != nil {
			return fmt.Errorf("send listener: %w", err)
		}
		unix.CloseOnExec(socketFD)
		environment := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, interceptVariable) })
		return unix.Exec(os.Args[0], os.Args, environment)
	}()
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// installFilter has the kernel ask the returned listener before system calls.
func installFilter(list string) (listener int, err error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, err
	}
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		end   = unix.BPF_RET | unix.BPF_K
	)
	ask, pass := unix.SockFilter{Code: end, K: unix.SECCOMP_RET_USER_NOTIF}, unix.SockFilter{Code: end, K: unix.SECCOMP_RET_ALLOW}
	program := []unix.SockFilter{{Code: load, K: 0}} // the number
	for _, word := range strings.Fields(list) {
		number, err := strconv.Atoi(word)
		if err != nil {
			return 0, err
		}
		matched := []unix.SockFilter{ask}
		if number == unix.SYS_CLOCK_GETTIME {
			// Of the clocks, only the one on the wall: the lower half of the first argument.
			matched = []unix.SockFilter{{Code: load, K: 16}, {Code: equal, K: unix.CLOCK_REALTIME, Jf: 1}, ask, pass}
		}
		program = append(program, unix.SockFilter{Code: equal, K: uint32(number), Jf: uint8(len(matched))})
		program = append(program, matched...)
	}
	program = append(program, pass)
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, uintptr(unsafe.Pointer(&filter)))
	if errno != 0 {
		return 0, errno
	}
	return int(fd), nil
}

// receiveFD takes the listener from the socket.
func receiveFD(socket int) (int, error) {
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, make([]byte, 1), rights, 0)
	if err != nil {
		return 0, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return 0, fmt.Errorf("the server was not started: %v", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return 0, fmt.Errorf("no listener came: %v", err)
	}
	unix.CloseOnExec(fds[0])
	return fds[0], nil
}
