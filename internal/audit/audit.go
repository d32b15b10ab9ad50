// Package audit is the log of who did what: one chain of entries, in which each
// confirms all before it.
//
// A deed that changes what others depend on is entered twice: before it is done,
// as Asked, and once it is known what became of it, as Done. Nothing is done whose
// first entry is not on stable storage. So a deed that a crash cut off has an
// Asked without a Done, and what it has changed must be looked up. What is not let
// in is entered once, as Refused; there is a bound to those.
//
// The package knows no deed by its name, and not where the log is kept.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"heddle/internal/journal"
)

// Stage is where a deed stands.
type Stage string

// The stages of a deed.
const (
	Asked   Stage = "asked"   // it is let in and about to be done
	Done    Stage = "done"    // it has come to an end, well or not: Status says so
	Refused Stage = "refused" // its caller was not let in
)

// Entry is one line of the log.
type Entry struct {
	At      journal.Millis
	Stage   Stage
	Of      int64  // the number of the Asked that this is the Done of; else 0
	Action  string // such as graph.create; "" of what was refused before it was known
	User    string // "" in single-user mode, or if it is not known who asked
	Access  string // the access key by which the request was signed, or claimed to be; else ""
	Project string // "" if it is not the matter of one
	Object  string // the URN or the name of what it is about, else the path of the request
	Detail  string // what is chosen about it, such as role=admin, once that is Done
	Address string // from which it was asked
	Request string // the request's id, as the server's own log has it
	Status  int    // of the answer, as in HTTP; 0 while it is Asked
	Code    string // of the answer, if that is an error; else ""
	Left    int64  // how many more were refused before this and are not entered
}

// The bounds of each text of an entry, in bytes, as callers may send any: of one
// who is let in, and of one who is not. Longer ones end with cut. PostgreSQL finds
// no records by texts of more than 2,600 bytes.
const (
	textMax        = 1024
	textMaxRefused = 128
	cut            = "…"
)

// clean returns the entry as every database takes it.
func (e Entry) clean(textMax int) Entry {
	for _, text := range []*string{&e.Action, &e.User, &e.Access, &e.Project, &e.Object, &e.Detail, &e.Address, &e.Request, &e.Code} {
		*text = cleaned(*text, textMax)
	}
	return e
}

func cleaned(text string, textMax int) string {
	end := ""
	if len(text) > textMax {
		text, end = text[:textMax-len(cut)], cut
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "") + end
}

// Hash confirms an entry and all before it.
type Hash [sha256.Size]byte

// Record is an entry with its place in the log.
type Record struct {
	Number int64 // from 1, without a gap
	Hash   Hash
	Entry
}

// Tip is the end of a log, which confirms all of it. That of an empty one is zero.
type Tip struct {
	Number int64
	Hash   Hash
}

// Next returns the record that an entry becomes after the tip.
func (t Tip) Next(e Entry) Record {
	number := t.Number + 1
	return Record{Number: number, Hash: e.hash(t.Hash, number), Entry: e}
}

// Append returns the records that entries become after the tip.
func (t Tip) Append(entries []Entry) []Record {
	records := make([]Record, len(entries))
	for i, e := range entries {
		records[i] = t.Next(e)
		t = records[i].Tip()
	}
	return records
}

// Tip returns the end of a log of which this is the last record.
func (r Record) Tip() Tip { return Tip{r.Number, r.Hash} }

// hash covers all fields, texts with their lengths before them, so that no two
// entries have the same bytes. docs/storage.md has it in words: who keeps a hash
// elsewhere depends on it.
func (e Entry) hash(before Hash, number int64) Hash {
	b := append([]byte("heddle audit 1\n"), before[:]...)
	for _, n := range []int64{number, int64(e.At), e.Of, int64(e.Status), e.Left} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range []string{string(e.Stage), e.Action, e.User, e.Access, e.Project, e.Object, e.Detail, e.Address, e.Request, e.Code} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	return sha256.Sum256(b)
}
