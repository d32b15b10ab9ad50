package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// version is the first byte of every row. A change of the format gets a new
// one, and Decode goes on reading the old.
const version = 1

// kind is a record's kind as stored. The numbers are never given anew.
type kind byte

const (
	kindExecutionStarted kind = 1
	kindStateEntered     kind = 2
	kindActionStarted    kind = 3
	kindActionEnded      kind = 4
	kindStateExited      kind = 5
	kindExecutionEnded   kind = 6
	kindEventReceived    kind = 7
	kindEventDropped     kind = 8
	kindEventTaken       kind = 9
	kindEventAnswered    kind = 10
	kindActionDeferred   kind = 11
)

func (ExecutionStarted) kind() kind { return kindExecutionStarted }
func (StateEntered) kind() kind     { return kindStateEntered }
func (ActionStarted) kind() kind    { return kindActionStarted }
func (ActionEnded) kind() kind      { return kindActionEnded }
func (StateExited) kind() kind      { return kindStateExited }
func (ExecutionEnded) kind() kind   { return kindExecutionEnded }
func (EventReceived) kind() kind    { return kindEventReceived }
func (EventDropped) kind() kind     { return kindEventDropped }
func (EventTaken) kind() kind       { return kindEventTaken }
func (EventAnswered) kind() kind    { return kindEventAnswered }
func (ActionDeferred) kind() kind   { return kindActionDeferred }

// Codec turns the records of one execution into stored rows and back. A row
// holds the records of one commit.
//
// An execution passes the same payload on through many records, so a row
// names a text that was written lately instead of repeating it, also one that
// stands in an earlier row. A Codec therefore belongs to one execution and
// handles its rows in order: whoever goes on with a journal decodes what is
// there, and encodes with the same Codec. The zero Codec is for an empty
// journal. A Codec is a value: a copy goes on independently, which lets an
// encoded row be dropped when its commit fails.
type Codec struct {
	payloads recent
	names    recent
	at       Millis
}

// Encode appends the row that holds the records to dst.
func (c *Codec) Encode(dst []byte, records []Record) []byte {
	dst = append(dst, version)
	for _, r := range records {
		dst = append(dst, byte(r.kind()))
		w := writer{c, dst}
		w.record(r)
		dst = w.dst
	}
	return dst
}

// Decode returns the records of a row.
func (c *Codec) Decode(row []byte) ([]Record, error) {
	if len(row) == 0 || row[0] != version {
		return nil, errors.New("decode journal row: it is of a version that this program does not know")
	}
	r := reader{c: c, src: row[1:]}
	var records []Record
	for len(r.src) > 0 {
		record, err := r.record()
		if err != nil {
			return nil, fmt.Errorf("decode journal row: record %d: %w", len(records)+1, err)
		}
		records = append(records, record)
	}
	return records, nil
}

// recent remembers the texts that were written last, each in a slot. Writer
// and reader fill their slots in the same order.
type recent struct {
	texts [8]string
	next  int
}

// How a text is stored: a tag, and with tagInline its length and bytes.
const (
	tagEmpty  = 0
	tagInline = 1
	tagSlot   = 2 // and above: the slot's index plus 2
)

func (c *recent) append(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, tagEmpty)
	}
	for i, t := range c.texts {
		if t == text {
			return append(dst, byte(tagSlot+i))
		}
	}
	c.remember(text)
	dst = append(dst, tagInline)
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}

func (c *recent) remember(text string) {
	c.texts[c.next] = text
	c.next = (c.next + 1) % len(c.texts)
}
