package confine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// arrange shows the program the machine's files, of which it can change none,
// and a /tmp of its own with the code in it. The mounts end with the namespace.
func arrange(o order) error {
	if !o.Namespaces {
		return nil
	}
	// What the machine unmounts is gone here too, instead of being kept by us.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("keep mounts to itself: %w", err)
	}
	// The code may lie below what is about to be covered.
	code, err := unix.Open(o.Code, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", o.Code, err)
	}
	readOnly := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if err := unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &readOnly); err != nil {
		return fmt.Errorf("make / read-only: %w", err)
	}
	const flags = unix.MS_NOSUID | unix.MS_NODEV
	if o.Hidden != "" {
		if err := unix.Mount("tmpfs", o.Hidden, "tmpfs", flags|unix.MS_RDONLY, "size=4k,mode=0555"); err != nil {
			return fmt.Errorf("cover %s: %w", o.Hidden, err)
		}
	}
	covered, err := cover(o, flags)
	if err != nil {
		return err
	}
	options := fmt.Sprintf("size=%d,nr_inodes=%d,mode=0700", o.TmpBytes, tmpFilesMax)
	if o.UID != 0 {
		options += fmt.Sprintf(",uid=%d,gid=%[1]d", o.UID)
	}
	if err := unix.Mount("tmpfs", scratchPath, "tmpfs", flags, options); err != nil {
		return fmt.Errorf("mount an own %s: %w", scratchPath, err)
	}
	if err := resolve(o); err != nil {
		return fmt.Errorf("say who knows names: %w", err)
	}
	if covered {
		if err := unix.MountSetattr(unix.AT_FDCWD, sockets, 0, &readOnly); err != nil {
			return fmt.Errorf("make %s read-only: %w", sockets, err)
		}
	}
	if err := unix.Mkdir(codePath, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", code), codePath, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("show the code: %w", err)
	}
	// The parent's /proc shows the processes of the machine. Where it may not be
	// replaced (some containers), it stays: it gives away no more than their names.
	if err := unix.Mount("proc", "/proc", "proc", flags|unix.MS_NOEXEC, ""); err != nil && !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("mount an own /proc: %w", err)
	}
	return nil
}

// sockets is where the programs of the machine have their sockets, which a network
// of one's own does not keep out of reach: the database's, that of containers.
const sockets = "/run"

// cover hides the sockets of the machine, unless the program itself is there.
func cover(o order, flags uintptr) (covered bool, err error) {
	info, err := os.Lstat(sockets)
	if err != nil || !info.IsDir() || strings.HasPrefix(o.Path, sockets+"/") {
		return false, nil
	}
	if err := unix.Mount("tmpfs", sockets, "tmpfs", flags, "size=64k,mode=0755"); err != nil {
		return false, fmt.Errorf("cover %s: %w", sockets, err)
	}
	return true, nil
}

// resolve has the program ask the name servers that its network knows. What says
// which these are may have been covered.
func resolve(o order) error {
	if o.Resolver == "" {
		return nil
	}
	const made = scratchPath + "/.resolver"
	if err := os.WriteFile(made, []byte(o.Resolver), 0o644); err != nil {
		return err
	}
	defer os.Remove(made) // it goes on where it is shown
	shown := resolverFile
	if to, err := os.Readlink(resolverFile); err == nil {
		shown = filepath.Join("/etc", to)
		if filepath.IsAbs(to) {
			shown = to
		}
	}
	if strings.HasPrefix(shown, sockets+"/") {
		if err := os.MkdirAll(filepath.Dir(shown), 0o755); err != nil {
			return err
		}
		return os.WriteFile(shown, []byte(o.Resolver), 0o644)
	}
	if _, err := os.Stat(shown); err != nil {
		return nil // without it the resolver asks the loopback address
	}
	if err := unix.Mount(made, shown, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	readOnly := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	return unix.MountSetattr(unix.AT_FDCWD, shown, 0, &readOnly)
}

// tmpFilesMax bounds what many empty files take of the system's memory.
const tmpFilesMax = 16_384
