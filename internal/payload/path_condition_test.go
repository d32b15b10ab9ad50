package payload_test

import "testing"

func TestComparisons(t *testing.T) {
	t.Parallel()
	// Each condition is tried on a document with one element, so that the
	// query selects something or nothing.
	const element = `{"n":2.50,"big":12345678901234567891,"s":"b","t":true,"z":null,` +
		`"list":[1,{"x":1,"y":[2]}],"same":[1.0,{"y":[20e-1],"x":1}],"other":[1,{"x":1,"z":[2]}]}`
	tests := []struct {
		condition string
		want      bool
	}{
		{"@.n == 2.5", true},
		{"@.n == 25e-1", true},
		{"@.n == 0.25E+1", true},
		{"@.n != 2.5", false},
		{"@.n == '2.50'", false},
		{"@.n != '2.50'", true},
		{"@.n < 2.51", true},
		{"@.n < 2.5", false},
		{"@.n <= 2.5", true},
		{"@.n > 2.5", false},
		{"@.n >= 2.5", true},
		{"@.n > -0", true},
		{"-0 == 0", true},
		{"@.n > 1e-400", true},
		{"@.n < 1e400", true},
		{"1e400 == 10e399", true},
		{"@.big == 12345678901234567891", true},
		{"@.big == 12345678901234567890", false},
		{"@.big > 12345678901234567890", true},
		{"@.s == 'b'", true},
		{"@.s < 'c'", true},
		{"@.s < 'ba'", true},
		{"@.s > 'B'", true},
		{"@.s >= 'b'", true},
		{"@.s < 3", false},
		{"@.s > 3", false},
		{`'\uffff' < '\ud834\udd1e'`, true}, // by code point, and not by UTF-16
		{"@.t == true", true},
		{"@.t != false", true},
		{"@.t <= true", true},
		{"@.t < true", false},
		{"@.z == null", true},
		{"@.z >= null", true},
		{"@.z > null", false},
		{"@.z == false", false},
		{"@.list == @.same", true},
		{"@.list == @.other", false},
		{"@.list[1] == @.other[1]", false},
		{"@.list <= @.same", true},
		{"@.list < @.other", false},
		{"@.list == @.list[0]", false},
		{"@ == $[0]", true},

		// Nothing is equal to Nothing, and to no value.
		{"@.none == @.s.x", true},
		{"@.none == @.list[7]", true},
		{"@.none == null", false},
		{"@.none != null", true},
		{"@.none <= @.none", true},
		{"@.none < @.none", false},
		{"@.none < 1", false},
		{"@.none > 1", false},
	}
	root := parse(t, "["+element+"]")
	for _, test := range tests {
		nodes, err := compile(t, "$[?"+test.condition+"]").Select(root)
		if got := len(nodes) == 1; err != nil || got != test.want {
			t.Errorf("%s is %t, %v; want %t", test.condition, got, err, test.want)
		}
	}
}

func TestLogic(t *testing.T) {
	t.Parallel()
	checkSelections(t, `[{"a":1},{"b":1},{"c":1},{"a":1,"b":1},{"a":1,"c":1},{"a":null},{}]`, []selection{
		{"$[?@.a]", `{"a":1} {"a":1,"b":1} {"a":1,"c":1} {"a":null}`},
		{"$[?!@.a]", `{"b":1} {"c":1} {}`},
		{"$[?! (@.a)]", `{"b":1} {"c":1} {}`},
		{"$[?!(@.a == 1)]", `{"b":1} {"c":1} {"a":null} {}`},
		{"$[?@.a && @.b]", `{"a":1,"b":1}`},
		{"$[?@.b || @.c]", `{"b":1} {"c":1} {"a":1,"b":1} {"a":1,"c":1}`},
		{"$[?@.c || @.a && @.b]", `{"c":1} {"a":1,"b":1} {"a":1,"c":1}`},
		{"$[?(@.c||@.a)&&!(@.b||@.c)]", `{"a":1} {"a":null}`},
		{"$[?\t(\n(@.a)\r)\t]", `{"a":1} {"a":1,"b":1} {"a":1,"c":1} {"a":null}`},
		{"$[?@.a==1&&@.b==1||@.a==null]", `{"a":1,"b":1} {"a":null}`},
		{"$[?@.a==null,?@.b]", `{"a":null} {"b":1} {"a":1,"b":1}`},
		{"$[?@.a,0,-1:]", `{"a":1} {"a":1,"b":1} {"a":1,"c":1} {"a":null} {"a":1} {}`},
	})
}

func TestFiltersReachEverything(t *testing.T) {
	t.Parallel()
	const document = `{"limit":10,"stock":{"nuts":{"n":12,"tags":["x","y"]},"bolts":{"n":7,"tags":["y"]},"none":0},"list":[[1,20],[3],[]]}`
	checkSelections(t, document, []selection{
		{"$.stock[?@.n]", `{"n":12,"tags":["x","y"]} {"n":7,"tags":["y"]}`},
		{"$.stock[?@.n > $.limit].n", "12"},
		{"$.stock[?@ == 0]", "0"},
		{"$.stock[?@.tags[?@ == 'x']].n", "12"},
		{"$.stock[?@.tags[?@ == $.stock.bolts.tags[0]]].n", "12 7"},
		{"$.list[?@[?@ > $.limit]]", "[1,20]"},
		{"$.list[?@.*]", "[1,20] [3]"},
		{"$.list[?@[0:0]]", ""},
		{"$.list[?@[0, 0]]", "[1,20] [3]"},
		{"$.list[?$.limit]", "[1,20] [3] []"},
		{"$.list[?$.none]", ""},
		{"$..[?@ == 7]", "7"},
		{"$.limit[?@]", ""},
		{"$.stock[?@['n']==7].tags", `["y"]`},
		{"$.stock[? @ .tags [0] == \"y\"].n", "7"},
	})
}
