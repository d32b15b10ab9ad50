package gate

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// packetOf returns a packet of a protocol to an address outside, with its checksum.
func packetOf(protocol uint8, flags uint16, content []byte) []byte {
	packet := header.IPv4(make([]byte, header.IPv4MinimumSize+len(content)))
	packet.Encode(&header.IPv4Fields{TotalLength: uint16(len(packet)), TTL: 64, Protocol: protocol})
	copy(packet[12:], []byte{192, 0, 0, 2, 192, 0, 2, 7})
	binary.BigEndian.PutUint16(packet[6:], flags)
	packet.SetChecksum(^packet.CalculateChecksum())
	copy(packet[header.IPv4MinimumSize:], content)
	return packet
}

// FuzzPackets has programs send any packets, one after another, the checksums of which
// are put right: a fault in the stack would be one of this process.
func FuzzPackets(f *testing.F) {
	syn := []byte{0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0, 2, 4, 5, 0xb4}
	datagram := []byte{0x12, 0x34, 0, 53, 0, 12, 0, 0, 'n', 'a', 'm', 'e'}
	sixth := make([]byte, 60)
	sixth[0], sixth[5], sixth[6], sixth[7] = 0x60, 20, 6, 64
	copy(sixth[8:], Inside6.Addr().AsSlice())
	copy(sixth[40:], syn)
	f.Add(packetOf(6, 0, syn), packetOf(6, 0, append([]byte{0x12, 0x34, 0, 80, 0, 0, 0, 2, 0, 0, 0, 9, 0x50, 0x10}, make([]byte, 40)...)))
	f.Add(packetOf(17, 0, datagram), packetOf(1, 0, []byte{8, 0, 0, 0, 0, 1, 0, 1}))
	f.Add(packetOf(17, 0x2000, datagram), packetOf(17, 1, datagram)) // in fragments
	f.Add(sixth, []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		if max(len(first), len(second)) > PacketBytesMax {
			return // the device has no longer ones
		}
		g, err := New(nil, Config{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no") }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		g.attend(ctx)
		for _, packet := range [][]byte{first, second} {
			if ip := header.IPv4(packet); len(packet) >= header.IPv4MinimumSize && packet[0]>>4 == 4 {
				if n := int(ip.HeaderLength()); n >= header.IPv4MinimumSize && n <= len(packet) {
					ip.SetChecksum(0)
					ip.SetChecksum(^ip.CalculateChecksum())
				}
			}
			g.take(packet)
			for answer := g.link.Read(); answer != nil; answer = g.link.Read() {
				if size := answer.Size(); size > PacketBytesMax {
					t.Errorf("the answer has %d bytes", size)
				}
				answer.DecRef()
			}
		}
		g.stack.Destroy()
	})
}
