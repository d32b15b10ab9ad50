package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestJSONFromYAML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, want string }{
		{"nothing", "", ``},
		{"only a comment", "# nothing\n", ``},
		{"JSON is YAML", `{"b": 1, "a": [true, null, "x"]}`, `{"b":1,"a":[true,null,"x"]}`},
		{"the order of keys", "z: 1\na: 2\nm: 3", `{"z":1,"a":2,"m":3}`},
		{"numbers", "- 12345678901234567890\n- 1.10\n- -0\n- 1e3\n- 0.10E+2", `[12345678901234567890,1.10,-0,1e3,0.10E+2]`},
		{"texts", "- a <&> b\n- 'it''s'\n- \"tab\\t\"\n- 实例\n- no\n- 2026-01-02", `["a <&> b","it's","tab\t","实例","no","2026-01-02"]`},
		{"words of JSON", "- True\n- FALSE\n- ~\n-\n- null", `[true,false,null,null,null]`},
		{"numbers as texts", "- \"1\"\n- !!str 2\n- '0x10'", `["1","2","0x10"]`},
		{"numbers as keys", "1: a\ntrue: b\n~: c", `{"1":"a","true":"b","~":"c"}`},
		{"blocks of text", "a: |\n  one\n  two\nb: >\n  one\n  two\n", `{"a":"one\ntwo\n","b":"one two\n"}`},
		{"empty collections", "a: {}\nb: []", `{"a":{},"b":[]}`},
		{"an alias", "a: &x {n: 1.0}\nb: *x", `{"a":{"n":1.0},"b":{"n":1.0}}`},
		{"a key given twice is left to the linter", "a: 1\na: 2", `{"a":1,"a":2}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, fault := jsonFromYAML([]byte(test.yaml))
			if fault != nil {
				t.Fatalf("fault at %d:%d: %s", fault.line, fault.column, fault.message)
			}
			if got.text != test.want {
				t.Errorf("got %s, want %s", got.text, test.want)
			}
		})
	}
}

func TestYAMLThatJSONCannotSay(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, place, want string }{
		{"no YAML", "a: 1\nb: [\n", "2:1", "not YAML"},
		{"a tab", "a:\n\tb: 1", "2:1", "not YAML"},
		{"two documents", "a: 1\n---\nb: 2", "2:1", "one YAML document"},
		{"a hexadecimal number", "a:\n  - 0x1F", "2:5", "0x1F"},
		{"an octal number", "a: 017", "1:4", "017"},
		{"a number with underscores", "a: 1_000", "1:4", "1_000"},
		{"a number that begins with a dot", "a: .5", "1:4", ".5"},
		{"infinity", "a: .inf", "1:4", ".inf"},
		{"not a number", "a: .NaN", "1:4", ".NaN"},
		{"a boolean by force", "a: !!bool yes", "1:4", "yes"},
		{"a key that is a list", "[a, b]: 1", "1:1", "key"},
		{"a merge key", "x: &x {a: 1}\ny:\n  <<: *x\n", "3:3", "key"},
		{"a tag", "a: !mine {b: 1}", "1:4", "!mine"},
		{"bytes", "a: !!binary AAAA", "1:4", "!!binary"},
		{"an alias that contains itself", "a: &a [*a]", "", "alias"},
		{"aliases that repeat each other", bomb(), "", "alias"},
		{"an unknown alias", "a: *b", "1:1", "not YAML"},
		{"deep nesting", strings.Repeat("[", 200) + strings.Repeat("]", 200), "", "too deep"},
		{"invalid UTF-8", "a: \xff", "1:1", "not YAML"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, fault := jsonFromYAML([]byte(test.yaml))
			if fault == nil {
				t.Fatalf("it became %.100s", got.text)
			}
			if place := fmt.Sprintf("%d:%d", fault.line, fault.column); test.place != "" && place != test.place {
				t.Errorf("the fault is at %s, want %s", place, test.place)
			}
			if !strings.Contains(fault.message, test.want) {
				t.Errorf("the message %q lacks %q", fault.message, test.want)
			}
		})
	}
}

// bomb returns a short text that stands for ten thousand million words.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 word\n")
	for i := 1; i <= 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String()
}

func TestPlacesInYAML(t *testing.T) {
	t.Parallel()
	const source = `# a comment
states:
  begin:
    type: NOOP
    实例: [1, "two"]
`
	c, fault := jsonFromYAML([]byte(source))
	if fault != nil {
		t.Fatal(fault.message)
	}
	tests := []struct{ at, want string }{
		{`{"states"`, "2:1"},
		{`"states"`, "2:1"},
		{`{"begin"`, "3:3"},
		{`"NOOP"`, "4:11"},
		{`"实例"`, "5:5"},
		{`[1`, "5:9"},
		{`1,`, "5:10"},
		{`"two"`, "5:13"},
		{`wo"`, "5:13"},
	}
	for _, test := range tests {
		line, column := c.place(strings.Index(c.text, test.at))
		if got := fmt.Sprintf("%d:%d", line, column); got != test.want {
			t.Errorf("%s stands at %s, want %s", test.at, got, test.want)
		}
	}
	if line, column := (converted{}).place(0); line != 1 || column != 1 {
		t.Errorf("an empty document begins at %d:%d", line, column)
	}
}

// FuzzJSONFromYAML converts any text: what comes out is JSON of a bounded size, and
// marks stand in it in order. Converted once more it stays as it is, as far as JSON is YAML.
func FuzzJSONFromYAML(f *testing.F) {
	for _, text := range []string{
		"", "a: 1\nb: [true, ~, 0x10]", "a: &x {n: 1.0}\nb: *x", "a: &x [*x]", "? [a]\n: b", "<<: {a: 1}", "a: |\n  one\n two", "--- 1\n--- 2", "!!binary aGk=", "\"\\ud834\"", "\xff",
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, fault := jsonFromYAML([]byte(text))
		switch {
		case fault != nil && (fault.line < 0 || fault.column < 0 || fault.message == ""):
			t.Errorf("a fault says %+v", fault)
		case fault != nil || got.text == "":
			return
		}
		if !json.Valid([]byte(got.text)) || len(got.text) > convertedMax+2*len(text)+depthMax {
			t.Errorf("got %d bytes: %.200s", len(got.text), got.text)
		}
		last := 0
		for _, m := range got.marks {
			if m.offset < last || m.offset > len(got.text) || m.line < 1 || m.column < 1 {
				t.Errorf("a mark says %+v", m)
			}
			last = m.offset
		}
		if again, fault := jsonFromYAML([]byte(got.text)); fault == nil && again.text != got.text {
			t.Errorf("converted once more, %s is %s", got.text, again.text)
		}
	})
}
