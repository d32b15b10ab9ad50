package exchange

import (
	"cmp"

	"heddle/internal/audit"
)

// Entry returns what the audit log says of the exchange, but for who asks.
func (x *Exchange) Entry(action, project string) audit.Entry {
	from := x.RemoteAddr
	if address, ok := Address(from); ok {
		from = address.String()
	}
	return audit.Entry{
		Action: action, Project: project,
		Object: cmp.Or(x.About, x.ShownPath()), Address: from, Request: x.ID,
	}
}
