package journal_test

import (
	"reflect"
	"strings"
	"testing"

	"heddle/internal/journal"
)

const at = journal.Millis(1_502_363_174_287)

var failure = &journal.Failure{Name: "States.ActionFailed", Code: "FGS.2011", Message: "status 500"}

// rows is a journal of some commits with every kind of record.
var rows = [][]journal.Record{
	{
		journal.ExecutionStarted{At: at, Name: "实例-1", Input: `{"k1":"123"}`},
		journal.StateEntered{At: at, State: "wait", Input: `{"k1":"123"}`, Due: at + 8000},
	},
	{
		journal.StateExited{At: at + 8001, State: "wait", Status: journal.Success, Output: `{"k1":"123"}`, Next: "call"},
		journal.StateEntered{At: at + 8001, State: "call", Input: `{"k1":"123"}`},
		journal.ActionStarted{At: at + 8001, Action: "a", Branch: 3, Attempt: 1, Input: `{"k1":"123"}`},
	},
	{
		journal.ActionEnded{At: at + 8005, Action: "a", Branch: 3, Attempt: 1, Status: journal.Failed, Failure: failure, Rule: 2, RetryAt: at + 9005},
		journal.ActionEnded{At: at + 7000, Action: "a", Attempt: 2, Status: journal.Success, Output: `12345678901234567890`},
		journal.StateExited{At: at + 7000, State: "call", Status: journal.Failed},
		journal.ExecutionEnded{At: at + 7000, Status: journal.Failed, Output: `{"error":{}}`},
	},
	{
		journal.EventReceived{At: at + 9000, Event: "told", ID: "71", Number: 71, Payload: `{"k1":"123"}`},
		journal.EventReceived{At: at + 9000, Event: "asked", ID: "01", Direct: true, Asks: true},
		journal.EventDropped{At: at + 9001, Event: "told", ID: "70"},
		journal.EventTaken{At: at + 9001, Member: 2, Events: []string{"told", "asked"}},
		journal.EventAnswered{At: at + 9002, ID: "01", Response: `12345678901234567890`},
		journal.EventAnswered{At: at + 9002, ID: "71", Failure: failure},
	},
	{
		journal.ActionDeferred{At: at + 9003, Action: "a", Branch: 3, Attempt: 2, Due: at + 39003},
	},
}

func encode(rows [][]journal.Record) [][]byte {
	var c journal.Codec
	var encoded [][]byte
	for _, records := range rows {
		encoded = append(encoded, c.Encode(nil, records))
	}
	return encoded
}

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	t.Parallel()
	var c journal.Codec
	for i, row := range encode(rows) {
		got, err := c.Decode(row)
		if err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
		if !reflect.DeepEqual(got, rows[i]) {
			t.Errorf("row %d:\ngot  %+v\nwant %+v", i, got, rows[i])
		}
	}
}

func TestAPayloadIsStoredOnce(t *testing.T) {
	t.Parallel()
	all := ""
	for _, row := range encode(rows) {
		all += string(row)
	}
	if n := strings.Count(all, "k1"); n != 1 {
		t.Errorf("the input stands %d times in the journal, want 1", n)
	}
}

func TestACopyGoesOnIndependently(t *testing.T) {
	t.Parallel()
	var c journal.Codec
	c.Encode(nil, rows[0])
	dropped := c
	dropped.Encode(nil, []journal.Record{journal.ExecutionEnded{At: at + 1, Status: journal.Aborted, Output: `"x"`}})
	second := c.Encode(nil, rows[1])
	if want := encode(rows)[1]; string(second) != string(want) {
		t.Errorf("got %q, want %q", second, want)
	}
}

// The stored form must not change unnoticed: other versions read it.
func TestStoredForm(t *testing.T) {
	t.Parallel()
	got := encode([][]journal.Record{{
		journal.ExecutionStarted{At: 1, Name: "n", Input: "1"},
		journal.StateEntered{At: 2, State: "s", Input: "1", Due: 3},
	}})[0]
	want := "\x01" +
		"\x01" + "\x02" + "\x01\x01n" + "\x01\x011" +
		"\x02" + "\x02" + "\x01\x01s" + "\x02" + "\x02"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = encode([][]journal.Record{{
		journal.EventReceived{At: 1, Event: "e", ID: "i", Number: 300, Direct: true, Payload: "1"},
		journal.EventTaken{At: 1, Member: 2, Events: []string{"e"}},
		journal.EventDropped{At: 1, Event: "e", ID: "i"},
		journal.EventAnswered{At: 1, ID: "i", Response: "1"},
	}})[0]
	want = "\x01" +
		"\x07" + "\x02" + "\x01\x01e" + "\x01\x01i" + "\xac\x02" + "\x01" + "\x00" + "\x01\x011" +
		"\x09" + "\x00" + "\x02" + "\x01" + "\x02" +
		"\x08" + "\x00" + "\x02" + "\x03" +
		"\x0a" + "\x00" + "\x03" + "\x02" + "\x00"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"empty":           "",
		"other version":   "\x02",
		"unknown kind":    "\x01\x63",
		"cut in a number": "\x01\x01",
		"cut in a text":   "\x01\x01\x02\x01\x05ab",
		"unknown slot":    "\x01\x01\x02\x05",
		"slot too large":  "\x01\x01\x02\x20",
		"list too long":   "\x01\x09\x02\x00\xff\xff\xff\xff\x0f",
	} {
		var c journal.Codec
		if records, err := c.Decode([]byte(row)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, records)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, row := range encode(rows) {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		var c journal.Codec
		records, err := c.Decode(row)
		if err != nil {
			return
		}
		var e, d journal.Codec
		again, err := d.Decode(e.Encode(nil, records))
		if err != nil || !reflect.DeepEqual(records, again) {
			t.Errorf("got %+v, %v\nwant %+v", again, err, records)
		}
	})
}
