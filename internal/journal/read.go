package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// reader takes the fields of records from a row. The first fault stays in err,
// and what is read after it is zero.
type reader struct {
	c   *Codec
	src []byte
	err error
}

var (
	errCut  = errors.New("the row is cut off")
	errSlot = errors.New("it refers to a text that was never written")
)

func (r *reader) record() (Record, error) {
	k := kind(r.byte())
	var record Record
	switch k {
	case kindExecutionStarted:
		record = ExecutionStarted{At: r.time(), Name: r.name(), Input: r.payload()}
	case kindStateEntered:
		record = StateEntered{At: r.time(), State: r.name(), Input: r.payload(), Due: r.later()}
	case kindActionStarted:
		record = ActionStarted{At: r.time(), Action: r.name(), Branch: r.number(), Attempt: r.number(), Input: r.payload()}
	case kindActionEnded:
		record = ActionEnded{
			At: r.time(), Action: r.name(), Branch: r.number(), Attempt: r.number(),
			Status: r.status(), Output: r.payload(), Failure: r.failure(),
			Rule: r.number(), RetryAt: r.later(),
		}
	case kindStateExited:
		record = StateExited{At: r.time(), State: r.name(), Status: r.status(), Output: r.payload(), Next: r.name()}
	case kindExecutionEnded:
		record = ExecutionEnded{At: r.time(), Status: r.status(), Output: r.payload()}
	case kindEventReceived:
		record = EventReceived{
			At: r.time(), Event: r.name(), ID: r.name(), Number: r.uvarint(),
			Direct: r.bool(), Asks: r.bool(), Payload: r.payload(),
		}
	case kindEventDropped:
		record = EventDropped{At: r.time(), Event: r.name(), ID: r.name()}
	case kindEventTaken:
		record = EventTaken{At: r.time(), Member: r.number(), Events: r.names()}
	case kindEventAnswered:
		record = EventAnswered{At: r.time(), ID: r.name(), Response: r.payload(), Failure: r.failure()}
	case kindActionDeferred:
		record = ActionDeferred{At: r.time(), Action: r.name(), Branch: r.number(), Attempt: r.number(), Due: r.later()}
	default:
		return nil, fmt.Errorf("its kind %d is not known", k)
	}
	return record, r.err
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.src = nil
}

func (r *reader) byte() byte {
	if len(r.src) == 0 {
		r.fail(errCut)
		return 0
	}
	b := r.src[0]
	r.src = r.src[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.src)
	if size <= 0 {
		r.fail(errCut)
		return 0
	}
	r.src = r.src[size:]
	return n
}

func (r *reader) number() int { return int(r.uvarint()) }

func (r *reader) time() Millis {
	n, size := binary.Varint(r.src)
	if size <= 0 {
		r.fail(errCut)
		return 0
	}
	r.src = r.src[size:]
	r.c.at += Millis(n)
	return r.c.at
}

func (r *reader) later() Millis {
	n := r.uvarint()
	if n == 0 {
		return 0
	}
	return r.c.at + Millis(n-1)
}

func (r *reader) name() string    { return r.text(&r.c.names) }
func (r *reader) payload() string { return r.text(&r.c.payloads) }
func (r *reader) status() Status  { return Status(r.name()) }

func (r *reader) text(from *recent) string {
	tag := int(r.byte())
	switch tag {
	case tagEmpty:
		return ""
	case tagInline:
		length := r.uvarint()
		if length > uint64(len(r.src)) {
			r.fail(errCut)
			return ""
		}
		text := string(r.src[:length])
		r.src = r.src[length:]
		from.remember(text)
		return text
	}
	slot := tag - tagSlot
	if slot >= len(from.texts) || from.texts[slot] == "" {
		r.fail(errSlot)
		return ""
	}
	return from.texts[slot]
}

func (r *reader) names() []string {
	n := r.uvarint()
	if n > uint64(len(r.src)) { // each takes a byte at least
		r.fail(errCut)
		return nil
	}
	var list []string
	for range n {
		list = append(list, r.name())
	}
	return list
}

func (r *reader) bool() bool { return r.byte() != 0 }

func (r *reader) failure() *Failure {
	if !r.bool() {
		return nil
	}
	return &Failure{Name: r.name(), Code: r.name(), Message: r.payload()}
}
