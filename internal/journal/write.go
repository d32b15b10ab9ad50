package journal

import "encoding/binary"

// writer appends the fields of records, each in the order in which reader
// takes them.
type writer struct {
	c   *Codec
	dst []byte
}

func (w *writer) record(r Record) {
	switch r := r.(type) {
	case ExecutionStarted:
		w.time(r.At)
		w.name(r.Name)
		w.payload(r.Input)
	case StateEntered:
		w.time(r.At)
		w.name(r.State)
		w.payload(r.Input)
		w.later(r.Due)
	case ActionStarted:
		w.time(r.At)
		w.name(r.Action)
		w.number(r.Branch)
		w.number(r.Attempt)
		w.payload(r.Input)
	case ActionEnded:
		w.time(r.At)
		w.name(r.Action)
		w.number(r.Branch)
		w.number(r.Attempt)
		w.end(r.Status, r.Output)
		w.failure(r.Failure)
		w.number(r.Rule)
		w.later(r.RetryAt)
	case StateExited:
		w.time(r.At)
		w.name(r.State)
		w.end(r.Status, r.Output)
		w.name(r.Next)
	case ExecutionEnded:
		w.time(r.At)
		w.end(r.Status, r.Output)
	case EventReceived:
		w.time(r.At)
		w.name(r.Event)
		w.name(r.ID)
		w.uvarint(r.Number)
		w.bool(r.Direct)
		w.bool(r.Asks)
		w.payload(r.Payload)
	case EventDropped:
		w.time(r.At)
		w.name(r.Event)
		w.name(r.ID)
	case EventTaken:
		w.time(r.At)
		w.number(r.Member)
		w.names(r.Events)
	case EventAnswered:
		w.time(r.At)
		w.name(r.ID)
		w.payload(r.Response)
		w.failure(r.Failure)
	case ActionDeferred:
		w.time(r.At)
		w.name(r.Action)
		w.number(r.Branch)
		w.number(r.Attempt)
		w.later(r.Due)
	}
}

func (w *writer) end(status Status, output string) {
	w.name(string(status))
	w.payload(output)
}

func (w *writer) failure(f *Failure) {
	if f == nil {
		w.dst = append(w.dst, 0)
		return
	}
	w.dst = append(w.dst, 1)
	w.name(f.Name)
	w.name(f.Code)
	w.payload(f.Message)
}

// time writes a moment as its distance from the one before.
func (w *writer) time(at Millis) {
	w.dst = binary.AppendVarint(w.dst, int64(at-w.c.at))
	w.c.at = at
}

// later writes a moment as its distance from the record's own time; 0, which
// means none, is written as it is, and a distance one larger.
func (w *writer) later(at Millis) {
	if at == 0 {
		w.dst = append(w.dst, 0)
		return
	}
	w.dst = binary.AppendUvarint(w.dst, uint64(at-w.c.at)+1)
}

func (w *writer) names(list []string) {
	w.number(len(list))
	for _, name := range list {
		w.name(name)
	}
}

func (w *writer) bool(b bool) {
	if b {
		w.dst = append(w.dst, 1)
	} else {
		w.dst = append(w.dst, 0)
	}
}

func (w *writer) uvarint(n uint64)    { w.dst = binary.AppendUvarint(w.dst, n) }
func (w *writer) number(n int)        { w.uvarint(uint64(n)) }
func (w *writer) name(text string)    { w.dst = w.c.names.append(w.dst, text) }
func (w *writer) payload(text string) { w.dst = w.c.payloads.append(w.dst, text) }
