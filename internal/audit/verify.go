package audit

import "fmt"

// Broken says where a log does not confirm itself.
type Broken struct {
	Number int64 // of the first record that is not as it was entered
	What   string
}

func (b *Broken) Error() string { return fmt.Sprintf("record %d %s", b.Number, b.What) }

// Follow returns the tip after further records, in order, or a *Broken where one
// of them is not what was entered after those before it.
//
// A log that was cut off at its end confirms itself: who wants to notice that
// keeps a tip elsewhere, and compares it with the record of its number.
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
