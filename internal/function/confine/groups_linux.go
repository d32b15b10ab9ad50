package confine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// groups makes control groups below the one that this process is in. There may
// be none: where the system does not let this process, or has no such groups.
type groups struct {
	version string   // v1, v2, or ""
	bases   []string // directory, for v1 that of memory, that of pids, and that of cpu if there is one
	cpu     bool     // processor time is bounded
}

// group is the control group of one cell; nil has no effect.
type group struct {
	version string
	paths   []string // as the bases of groups
	all     *groups  // that it is one of

	peakFile *os.File // nil until it is needed
}

const cgroupRoot = "/sys/fs/cgroup"

// newGroups finds where groups can be made for cells of the directory.
func newGroups(directory string) *groups {
	name := "heddle-functions-" + identifier(directory)
	own, err := ownGroups()
	if err != nil {
		return &groups{}
	}
	for _, find := range []func(map[string]string, string) (*groups, error){groupsV2, groupsV1} {
		if g, err := find(own, name); err == nil {
			return g
		}
	}
	return &groups{}
}

// identifier tells the servers of a machine apart, by a directory that only one
// of them has.
func identifier(directory string) string {
	sum := sha256.Sum256([]byte(directory))
	return hex.EncodeToString(sum[:6])
}

// ownGroups returns the groups of this process by controller, that of v2 under
// the empty name.
func ownGroups() (map[string]string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	own := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			own[controller] = fields[2]
		}
	}
	return own, nil
}

// groupsV1 takes the controllers that matter, each a tree of its own, and that of
// processor time if it can be had.
func groupsV1(own map[string]string, name string) (*groups, error) {
	g := &groups{version: "v1"}
	for _, controller := range []string{"memory", "pids"} {
		path, ok := own[controller]
		if !ok {
			return nil, fmt.Errorf("there is no controller %s", controller)
		}
		g.bases = append(g.bases, filepath.Join(cgroupRoot, controller, path, name))
	}
	if err := g.try(); err != nil {
		return nil, err
	}
	if path, ok := own["cpu"]; ok {
		with := &groups{version: "v1", bases: append(g.bases, filepath.Join(cgroupRoot, "cpu", path, name)), cpu: true}
		if with.try() == nil {
			return with, nil
		}
	}
	return g, g.try()
}

// groupsV2 needs this process's group to hand its controllers down, which the
// system allows only while no process is in it. If this one is alone in it, it
// moves into a group below; that is what a supervisor who delegates a group
// expects.
func groupsV2(own map[string]string, name string) (*groups, error) {
	path, ok := own[""]
	if !ok {
		return nil, errors.New("there is no control group")
	}
	base := filepath.Join(cgroupRoot, path)
	controllers, err := os.ReadFile(filepath.Join(base, "cgroup.controllers"))
	if err != nil {
		return nil, err
	}
	for _, controller := range []string{"memory", "pids"} {
		if !strings.Contains(" "+strings.TrimSpace(string(controllers))+" ", " "+controller+" ") {
			return nil, fmt.Errorf("the controller %s is not delegated", controller)
		}
	}
	g := &groups{version: "v2", bases: []string{filepath.Join(base, name)}, cpu: slices.Contains(strings.Fields(string(controllers)), "cpu")}
	if err := write(base, "cgroup.subtree_control", g.handDown()); errors.Is(err, syscall.EBUSY) {
		if err := stepDown(base); err != nil {
			return nil, err
		}
		err = write(base, "cgroup.subtree_control", g.handDown())
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return g, g.try()
}

// handDown lets groups below have the controllers of cells.
func (g *groups) handDown() string {
	if g.cpu {
		return "+memory +pids +cpu"
	}
	return "+memory +pids"
}

// stepDown moves this process into a group below its own, if it is alone there.
func stepDown(base string) error {
	pids, err := os.ReadFile(filepath.Join(base, "cgroup.procs"))
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(pids)) != strconv.Itoa(os.Getpid()) {
		return errors.New("other processes are in this one's control group")
	}
	server := filepath.Join(base, "heddle-server")
	if err := os.Mkdir(server, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return write(server, "cgroup.procs", strconv.Itoa(os.Getpid()))
}

// try makes the bases.
func (g *groups) try() error {
	for _, base := range g.bases {
		err := os.Mkdir(base, 0o755)
		if err == nil && g.version == "v2" {
			err = write(base, "cgroup.subtree_control", g.handDown())
		}
		if err != nil && !errors.Is(err, os.ErrExist) {
			g.remove()
			return err
		}
	}
	return nil
}

// reset removes the groups that an earlier process has left, and kills what is
// in them.
func (g *groups) reset() error {
	defer g.remove()
	for _, base := range g.bases {
		left, err := os.ReadDir(base)
		if err != nil {
			return fmt.Errorf("look for old control groups: %w", err)
		}
		for _, entry := range left {
			if !entry.IsDir() {
				continue
			}
			old := &group{version: g.version, paths: []string{filepath.Join(base, entry.Name())}}
			old.kill()
			old.emptied(time.Now().Add(startPatience))
			if err := old.remove(); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove removes the bases, unless there are cells. They are there only as long as
// there are: a process that is killed without any leaves nothing behind.
func (g *groups) remove() {
	for _, base := range g.bases {
		os.Remove(base)
	}
}

// make makes a group with so much memory.
func (g *groups) make(name string, memoryMiB int) (*group, error) {
	if g.version == "" {
		return nil, nil
	}
	made := &group{version: g.version, all: g}
	for _, base := range g.bases {
		path := filepath.Join(base, name)
		err := os.Mkdir(path, 0o755)
		for try := 0; errors.Is(err, os.ErrNotExist) && try < 100; try++ { // the last of the other cells has gone
			if err = g.try(); err == nil {
				err = os.Mkdir(path, 0o755)
			}
		}
		if err != nil {
			return made, fmt.Errorf("make a control group: %w", err)
		}
		made.paths = append(made.paths, path)
	}
	memory, pids := strconv.Itoa(memoryMiB<<20), strconv.Itoa(ProcessesMax)
	var err error
	if g.version == "v2" {
		err = errors.Join(
			write(made.paths[0], "memory.max", memory),
			writeIfThere(made.paths[0], "memory.swap.max", "0"),
			write(made.paths[0], "pids.max", pids),
		)
	} else {
		err = errors.Join(
			write(made.paths[0], "memory.limit_in_bytes", memory),
			writeIfThere(made.paths[0], "memory.memsw.limit_in_bytes", memory), // with swap
			write(made.paths[1], "pids.max", pids),
		)
	}
	if g.cpu {
		err = errors.Join(err, made.boundProcessor())
	}
	return made, err
}

func write(directory, file, text string) error {
	return os.WriteFile(filepath.Join(directory, file), []byte(text), 0)
}

// writeIfThere is for files that a kernel without swap accounting lacks.
func writeIfThere(directory, file, text string) error {
	err := write(directory, file, text)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return nil
	}
	return err
}

// boundProcessor lets a cell take no more than one processor, of however many: in
// each period as many microseconds as it has.
func (g *group) boundProcessor() error {
	const period = 100_000
	if g.version == "v2" {
		return write(g.paths[0], "cpu.max", fmt.Sprintf("%d %[1]d", period))
	}
	processor := g.paths[len(g.paths)-1]
	err := errors.Join(
		write(processor, "cpu.cfs_period_us", strconv.Itoa(period)),
		write(processor, "cpu.cfs_quota_us", strconv.Itoa(period)),
	)
	if errors.Is(err, syscall.EINVAL) {
		return nil // the groups above are bounded to less
	}
	return err
}
