// Package confine starts programs that may do harm, in cells that keep the harm
// inside: bounds on memory, processes and files; an environment, a directory and
// a process group of their own; and, as far as the system allows it, a user, a
// view of the file system and of processes of their own. A cell that is killed
// takes everything with it that was started in it, and so does the end of this
// process, however it comes.
//
// The program of this process doubles as the one that enters a cell: between the
// fork and the program there is much to set up that Go cannot do in a forked
// child. So main begins with Enter. What follows is in this order:
//
//  1. The confiner starts itself again, in new namespaces if it can. The child
//     does nothing before it has been told what it shall become.
//  2. The child is put into the control groups, and told.
//  3. It arranges what it sees, gives up what it may, and becomes the program.
//
// The package knows processes and nothing of functions.
package confine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Config says how a Confiner confines.
type Config struct {
	Directory string  // for the cells; made if missing, and emptied; absolute
	Hidden    string  // directory that no program may see, which may hold Directory; "" for none
	UIDFirst  int     // the first of the users of cells, each also a group; for root only
	UIDs      int     // how many there are; so many cells are possible at a time
	Network   Network // what programs reach; HostNetwork if empty
	Outside   Dial    // makes the connections of programs that are in OutwardNetwork
}

// Dial connects in the place of a program, or refuses to. The address is an IP address
// with a port, the network tcp or udp.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Network says what programs reach.
type Network string

// The networks. All but HostNetwork are a cell's own, and have its loopback
// interface and nothing of the machine's.
const (
	HostNetwork    Network = "host"    // whatever this process reaches
	OutwardNetwork Network = "outward" // what Config.Outside connects to
	NoNetwork      Network = "none"    // nothing
)

// The bounds that every cell has.
const (
	ProcessesMax = 128       // processes and threads
	OpenFilesMax = 1024      // of each process
	FileBytesMax = 512 << 20 // of each file; what all of them may take is bounded where the cell has a file system of its own
)

// Isolation says what keeps cells apart on this system.
type Isolation struct {
	Users      bool    // each cell has a user of its own
	Namespaces bool    // each cell has its own processes, its own /tmp and nothing else that it can write to
	Network    Network // what programs reach
	Groups     string  // control groups that bound memory and processes: "v2", "v1", or "" if each process is bounded for itself
}

// String lists what there is, for a log.
func (i Isolation) String() string {
	text := "process groups, resource limits"
	if i.Users {
		text += ", own users"
	}
	if i.Namespaces {
		text += ", namespaces"
	}
	if i.Groups != "" {
		text += ", control groups " + i.Groups
	}
	return text + ", network " + string(i.Network)
}

// Program is what is started in a cell.
type Program struct {
	Path        string // absolute
	Arguments   []string
	Environment []string
	Output      *os.File // its standard output and standard error
	Channel     *os.File // its descriptor 3; nil for none
	// Before is called when the cell has its network and the program has not
	// begun; nil for nothing.
	Before func() error
	// Refused is told why a connection of the program was not made; nil for nobody.
	Refused func(address string, err error)
}

// Exit says how a program ended.
type Exit struct {
	Text        string // exit status 0, signal: killed
	OutOfMemory bool   // the system killed something in the cell, which had no memory left
}

// ErrUnsupported is returned where nothing can be confined.
var ErrUnsupported = errors.New("functions can run locally on Linux only")

// ErrNotEntered is returned where main does not begin with Enter: such a program
// would start itself again and again.
var ErrNotEntered = errors.New("this program cannot run functions: its main does not begin with Enter")

// entered says that Enter has been called. It is set once, before anything else
// runs.
var entered atomic.Bool

// ErrNoUser is returned when all users are in cells.
var ErrNoUser = errors.New("no user is left for another instance: function-uids has too few")

const (
	uidFirstDefault = 1_900_000_000
	uidsDefault     = 1_000
	// startPatience bounds how long a child may take to become its program.
	startPatience = 30 * time.Second
)

func (c Config) withDefaults() Config {
	c.UIDFirst = cmp.Or(c.UIDFirst, uidFirstDefault)
	c.UIDs = cmp.Or(c.UIDs, uidsDefault)
	c.Network = cmp.Or(c.Network, HostNetwork)
	return c
}

// bound is a resource limit.
type bound struct {
	Resource int
	Value    uint64
}

// order is what a child is told: what it shall become, and how.
type order struct {
	Path        string // "" to set everything up and end well, which shows that it can be done
	Arguments   []string
	Environment []string
	Directory   string // to begin in

	Namespaces bool    // arrange a view of the file system
	Network    Network // to arrange: that is an own one, unless it is HostNetwork
	Resolver   string  // what /etc/resolv.conf says; "" to leave it
	Code       string  // directory that is shown at codePath, with Namespaces
	TmpBytes   int64   // of the own /tmp, with Namespaces
	Hidden     string  // directory that is covered, with Namespaces; "" for none

	UID     int // user and group to become; 0 to stay
	Bounds  []bound
	Channel bool // keep descriptor 3
}

// The paths of a cell that has a file system of its own.
const (
	scratchPath = "/tmp"
	codePath    = "/tmp/function"
)

// childError is what a child says that could not become its program.
type childError struct{ text string }

func (e *childError) Error() string { return fmt.Sprintf("enter the cell: %s", e.text) }
