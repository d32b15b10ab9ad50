package gate

import (
	"context"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
)

// read takes packets from the device until it is closed.
func (g *Gate) read() {
	packet := make([]byte, PacketBytesMax)
	for {
		n, err := g.device.Read(packet)
		if err != nil {
			return
		}
		g.take(packet[:n])
	}
}

// take gives a packet, which may be anything, to the stack.
func (g *Gate) take(packet []byte) {
	protocol := ipv4.ProtocolNumber
	if len(packet) > 0 && packet[0]>>4 == header.IPv6Version {
		protocol = ipv6.ProtocolNumber
	}
	buffered := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	g.link.InjectInbound(protocol, buffered)
	buffered.DecRef()
}

// write gives packets to the device.
func (g *Gate) write(ctx context.Context) {
	for {
		packet := g.link.ReadContext(ctx)
		if packet == nil {
			return
		}
		view := packet.ToView()
		packet.DecRef()
		g.device.Write(view.AsSlice()) // one that is lost comes again
		view.Release()
	}
}
