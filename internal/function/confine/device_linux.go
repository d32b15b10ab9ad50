package confine

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"heddle/internal/function/gate"
)

// deviceName is that of the one way out of a cell's network.
const deviceName = "out"

// openNetwork makes what an own network has: its loopback interface, and a device
// whose other end the parent gets.
func openNetwork(o order) error {
	if o.Network == HostNetwork {
		return nil
	}
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("bring up the loopback interface: %w", err)
	}
	if o.Network != OutwardNetwork {
		return nil
	}
	device, err := openDevice()
	if err != nil {
		return fmt.Errorf("make a network device: %w", err)
	}
	defer device.Close()
	if o.Path == "" {
		return nil
	}
	return handDevice(device)
}

// openDevice makes a device to which all leads.
func openDevice() (*os.File, error) {
	link := &netlink.Tuntap{
		LinkAttrs: netlink.LinkAttrs{Name: deviceName, MTU: gate.PacketBytesMax}, Mode: netlink.TUNTAP_MODE_TUN,
		Flags: netlink.TUNTAP_DEFAULTS | netlink.TUNTAP_NO_PI, NonPersist: true, Queues: 1,
		Owner: uint32(os.Geteuid()), Group: uint32(os.Getegid()), // the only ones that an own namespace of users knows
	}
	if err := netlink.LinkAdd(link); err != nil {
		return nil, err
	}
	device := link.Fds[0]
	// A server in the cell may listen on its loopback address only, and is called
	// through the device.
	err := os.WriteFile("/proc/sys/net/ipv4/conf/"+deviceName+"/route_localnet", []byte("1"), 0)
	err = errors.Join(err, netlink.LinkSetUp(link), lead(link, gate.Inside4, "0.0.0.0/0"))
	if err != nil {
		return nil, errors.Join(err, device.Close())
	}
	lead(link, gate.Inside6, "::/0") // there may be no IPv6
	return device, nil
}

// lead gives a device an address, and has a network be beyond it.
func lead(link netlink.Link, inside netip.Prefix, network string) error {
	_, beyond, err := net.ParseCIDR(network)
	if err != nil {
		return err
	}
	own := net.IPNet{IP: inside.Addr().AsSlice(), Mask: net.CIDRMask(inside.Bits(), inside.Addr().BitLen())}
	if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: &own, Flags: unix.IFA_F_NODAD}); err != nil {
		return err
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: beyond})
}

// handDevice gives the parent the other end of the device, and returns when that
// has made use of it.
func handDevice(device *os.File) error {
	if err := unix.Sendmsg(doorDescriptor, []byte{0}, unix.UnixRights(int(device.Fd())), nil, 0); err != nil {
		return fmt.Errorf("hand over the network device: %w", err)
	}
	if n, err := unix.Read(doorDescriptor, make([]byte, 1)); err != nil || n == 0 {
		return fmt.Errorf("wait for the network: %w", errors.Join(err, errors.New("the parent has closed it")))
	}
	return nil
}

// doorDescriptor is where the device is handed over, in an OutwardNetwork.
const doorDescriptor = channelDescriptor + 1

// door is the parent's side of handDevice; nil if there is no device.
type door struct{ ours, theirs *os.File }

func newDoor() (*door, error) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &door{os.NewFile(uintptr(ends[0]), "door"), os.NewFile(uintptr(ends[1]), "door")}, nil
}

func (d *door) close() {
	if d != nil {
		d.ours.Close()
		d.theirs.Close()
	}
}

// take waits for the device, which is nil if the child ends instead.
func (d *door) take() (*os.File, error) {
	d.theirs.Close() // so that the child's end is noticed
	control := make([]byte, unix.CmsgSpace(4))
	for {
		_, n, _, _, err := unix.Recvmsg(int(d.ours.Fd()), make([]byte, 1), control, unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return nil, err
		}
		messages, err := unix.ParseSocketControlMessage(control[:n])
		if err != nil || len(messages) != 1 {
			return nil, errors.Join(err, errors.New("receive the network device: there is none"))
		}
		received, err := unix.ParseUnixRights(&messages[0])
		if err != nil {
			return nil, err
		}
		if err := unix.SetNonblock(received[0], true); err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(received[0]), "device"), nil
	}
}

// open lets the child go on.
func (d *door) open() { d.ours.Write([]byte{0}) }
