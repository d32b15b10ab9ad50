package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Broken says where a log does not confirm itself.
type Broken struct {
	Number int64 // of the first record that is not as it was entered
	What   string
}

func (b *Broken) Error() string { return fmt.Sprintf("record %d %s", b.Number, b.What) }

// Follow returns the tip after further records, in order, or a *Broken where one
// of them is not what was entered after those before it.
func (t Tip) Follow(records ...Record) (Tip, error) {
	for _, r := range records {
		switch want := t.Next(r.Entry); {
		case r.Number < want.Number:
			return t, &Broken{r.Number, fmt.Sprintf("stands after record %d", t.Number)}
		case r.Number > want.Number:
			return t, &Broken{want.Number, "is missing"}
		case r.Hash != want.Hash:
			return t, &Broken{r.Number, "is not as it was entered, or one before it is not"}
		}
		t = r.Tip()
	}
	return t, nil
}

// Verify follows a log behind what is known of it, page by page, as read returns
// what comes behind a number until there is no more. It returns the end of the log,
// or a *Broken: the known record must still be there.
//
// A log that was cut off at its end confirms itself: who wants to notice that
// keeps a tip elsewhere, and has it known here.
func Verify(known Tip, read func(after int64) ([]Record, error)) (Tip, error) {
	end := known
	if known.Number > 0 {
		end = Tip{Number: known.Number - 1}
	}
	for {
		page, err := read(end.Number)
		if err != nil {
			return end, err
		}
		if end.Number < known.Number { // the known record comes first, if it is there
			switch {
			case len(page) == 0 || page[0].Number != known.Number:
				return end, &Broken{known.Number, "is missing: the log was cut off"}
			case page[0].Hash != known.Hash:
				return end, &Broken{known.Number, "has another hash: the log is another one"}
			}
			end = known
			page = page[1:]
		}
		before := end
		if end, err = end.Follow(page...); err != nil || end == before {
			return end, err
		}
	}
}

// String returns the tip as it is kept elsewhere: NUMBER:HASH.
func (t Tip) String() string { return fmt.Sprintf("%d:%x", t.Number, t.Hash[:]) }

// ParseTip reads what String has returned.
func ParseTip(text string) (t Tip, err error) {
	number, hash, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	b, wrong := hex.DecodeString(hash)
	if err != nil || n < 1 || wrong != nil || len(b) != len(t.Hash) {
		return Tip{}, errors.New("it must be the number and the hash that an earlier verification has returned")
	}
	return Tip{n, Hash(b)}, nil
}
