package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mountSmall returns a directory on a file system of its own, of a few megabytes.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a file system for the test cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fill writes a file until only so many bytes of the disk are left.
func fill(t *testing.T, path string, left int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var size int64
	for block := make([]byte, 4096); err == nil; {
		var n int
		n, err = f.Write(block)
		size += int64(n)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Truncate(max(0, size-left)); err != nil {
		t.Fatal(err)
	}
}

// disk is an ext4 file system in a file, whose power can be cut.
type disk struct {
	t          *testing.T
	dir, image string
	mounted    bool
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, dir: t.TempDir(), image: filepath.Join(t.TempDir(), "image")}
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system whose power can be cut")
	}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 256<<20); err != nil { // a hole: it takes what is written
		t.Fatal(err)
	}
	if said, err := exec.Command("mkfs.ext4", "-q", d.image).CombinedOutput(); err != nil {
		t.Skipf("an ext4 file system cannot be made here: %v %s", err, said)
	}
	if said, err := d.mount(); err != nil {
		t.Skipf("a file system in a file cannot be mounted here: %v %s", err, said)
	}
	t.Cleanup(func() {
		if d.mounted {
			d.unmount()
		}
	})
	return d
}

func (d *disk) mount() (said []byte, err error) {
	said, err = exec.Command("mount", "-t", "ext4", "-o", "loop", d.image, d.dir).CombinedOutput()
	d.mounted = err == nil
	return said, err
}

func (d *disk) unmount() {
	d.t.Helper()
	err := unix.Unmount(d.dir, 0)
	// A process that another test starts has our files open until it executes its
	// program.
	for tries := 0; errors.Is(err, unix.EBUSY) && tries < 200; tries++ {
		pause(context.WithoutCancel(d.t.Context()), 10*time.Millisecond)
		err = unix.Unmount(d.dir, 0)
	}
	if err != nil {
		d.t.Errorf("unmount %s: %v", d.dir, err)
		_ = unix.Unmount(d.dir, unix.MNT_DETACH) // at least nothing is left behind
	}
	d.mounted = false
}

// sync writes to the disk what is not there yet.
func (d *disk) sync() {
	d.t.Helper()
	root, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer root.Close()
	if err := unix.Syncfs(int(root.Fd())); err != nil {
		d.t.Fatal(err)
	}
}

// cut cuts the power: whatever was not synced by now is lost. Reads and writes
// fail until restore.
func (d *disk) cut() {
	d.t.Helper()
	root, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer root.Close()
	// EXT4_IOC_SHUTDOWN; the flag says that not even the file system's own
	// journal is written any more.
	const shutdown, noLogFlush = 0x8004587d, 2
	flag := uint32(noLogFlush)
	if err := ioctl(int(root.Fd()), shutdown, unsafe.Pointer(&flag)); err != nil {
		d.t.Skipf("the power of a file system cannot be cut here: %v", err)
	}
}

// restore brings the power back. Nobody may have a file open on the disk.
//
// A mount namespace that somebody made meanwhile, as functions have them, keeps the
// mount of before alive, and the same file would be mounted as that. So it goes on
// with a copy.
func (d *disk) restore() {
	d.t.Helper()
	d.unmount()
	if said, err := exec.Command("cp", "--sparse=always", d.image, d.image+".copy").CombinedOutput(); err != nil {
		d.t.Fatalf("copy the disk: %v %s", err, said)
	}
	if err := os.Rename(d.image+".copy", d.image); err != nil {
		d.t.Fatal(err)
	}
	if said, err := d.mount(); err != nil {
		d.t.Fatalf("mount after a power cut: %v %s", err, said)
	}
}
