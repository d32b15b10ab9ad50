package api_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

const (
	function = `"function":"urn:fss:r:p:function:default:f"`
	call     = `{"action-name":"x",` + function + `}`
	topic    = "urn:fgs:r:p:trigger:SMN_topic_a_1"
	worker   = "urn:fgs:r:p:trigger:Worker_WorkRequest_a_1"
	end      = `"end":{"type":"END"}`
)

var eventGraph = waiting(`"event1":{"source":"`+topic+`"}`, `"events":[{"event-expression":"event1","actions":[],"next-state":"end"}]`)

// states returns a definition of some states and an END.
func states(text string) string { return `{"states":{` + text + `,` + end + `}}` }

// noop returns a definition whose start state leads to the end, and more of it.
func noop(more string) string {
	return `{"states":{"a":{"type":"NOOP","start":true,"next-state":"end"}` + more + `}}`
}

// choosing returns a definition with a SWITCH of these fields.
func choosing(fields string) string {
	return states(`"a":{"type":"SWITCH","start":true,` + fields + `}`)
}

// calling returns a definition with an OPERATION of these fields.
func calling(fields string) string {
	return states(`"a":{"type":"OPERATION","start":true,"next-state":"end",` + fields + `}`)
}

// acting returns a definition with an action of these fields.
func acting(fields string) string { return calling(`"actions":[{` + fields + `}]`) }

// ruling returns a definition with a result rule of these fields.
func ruling(fields string) string {
	return acting(`"action-name":"x",` + function + `,"results":[{` + fields + `}]`)
}

// waiting returns a definition with these events, and an EVENT of these fields.
func waiting(events, fields string) string {
	return `{"event-defs":{` + events + `},"states":{"a":{"type":"EVENT","start":true,` + fields + `},` + end + `}}`
}

// answering returns a definition with an EVENT, whose member has these fields.
func answering(fields string) string {
	return waiting(`"e":{"source":"`+topic+`"}`, `"events":[{"event-expression":"e","next-state":"end",`+fields+`}]`)
}

func times(n int, text string) string { return strings.Repeat(text+",", n-1) + text }

func quoted(text string) string {
	q, _ := json.Marshal(text)
	return string(q)
}

// definitionFaults has for each rule of the language a definition that breaks it.
var definitionFaults = map[string]string{
	"FGS.1001": `{"states":`,
	"FGS.1002": `{}`,
	"FGS.1004": strings.Repeat(" ", 65537),
	"FGS.1012": `{"states":[]}`,
	"FGS.1017": states(`"a":{"type":"PASS","start":true,"next-state":"end"}`),
	"FGS.1018": waiting(manyEvents(21), `"events":[{"event-expression":"e0","actions":[],"next-state":"end"}]`),
	"FGS.1019": waiting(`"a b":{"source":"`+topic+`"}`, `"events":[{"event-expression":"a b","actions":[],"next-state":"end"}]`),
	"FGS.1020": waiting(`"e":{"source":"x"}`, `"events":[{"event-expression":"e","actions":[],"next-state":"end"}]`),
	"FGS.1021": waiting(`"e":{"source":"`+topic+`"},"f":{"source":"`+topic+`"}`, `"events":[{"event-expression":"e or f","actions":[],"next-state":"end"}]`),
	"FGS.1022": waiting(`"e":{"source":"`+topic+`","payload-filter-request":"$["}`, `"events":[{"event-expression":"e","actions":[],"next-state":"end"}]`),
	"FGS.1023": waiting(`"e":{"source":"`+topic+`","payload-filter-response":"x"}`, `"events":[{"event-expression":"e","actions":[],"next-state":"end"}]`),
	"FGS.1024": waiting(`"e":{"source":"`+topic+`"}`, `"events":[{"event-expression":"e and","actions":[],"next-state":"end"}]`),
	"FGS.1025": `{"states":{}}`,
	"FGS.1026": noop(`,"":{"type":"NOOP","next-state":"end"},` + end),
	"FGS.1027": noop(`,"b":null,` + end),
	"FGS.1028": states(`"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"NOOP","start":true,"next-state":"end"}`),
	"FGS.1029": states(`"a":{"type":"SWITCH","start":true,"choices":[{"path":"$","value":1,"next-state":"fin"}],"default":"end"},"fin":{"type":"END"}`),
	"FGS.1030": states(`"a":{"type":"DELAY","start":true,"time-delay":86401,"next-state":"end"}`),
	"FGS.1031": states(`"a":{"type":"DELAY","start":true,"time-delay":1,"next-state":"b"}`),
	"FGS.1032": choosing(`"choices":[{"path":"$","value":1,"next-state":"end"}],"default":"b"`),
	"FGS.1033": choosing(`"choices":[],"default":"end"`),
	"FGS.1034": choosing(`"choices":[null],"default":"end"`),
	"FGS.1035": choosing(`"choices":[{"path":"score","value":1,"next-state":"end"}]`),
	"FGS.1036": choosing(`"choices":[{"path":"$","next-state":"end"}]`),
	"FGS.1037": calling(`"actions":[]`),
	"FGS.1038": calling(`"actions":[` + times(21, call) + `]`),
	"FGS.1039": calling(`"action-mode":"RANDOM","actions":[` + call + `]`),
	"FGS.1040": calling(`"actions":[null]`),
	"FGS.1041": acting(`"action-name":"x","function":"f"`),
	"FGS.1042": acting(`"action-name":"x","invocation-mode":"LATER",` + function),
	"FGS.1043": acting(`"action-name":"x","payload-filter":"$..",` + function),
	"FGS.1044": acting(`"action-name":"x","timeout":301,` + function),
	"FGS.1045": acting(`"action-name":"x","results":[null],` + function),
	"FGS.1046": ruling(`"match":"MatchAny","next-state":"b"`),
	"FGS.1047": ruling(`"match":"MatchAny","max-retry":11`),
	"FGS.1048": ruling(`"match":"MatchAny","retry-interval":-1`),
	"FGS.1049": ruling(`"match":"States.Everything"`),
	"FGS.1050": calling(`"actions":[` + call + `,` + call + `]`),
	"FGS.1051": acting(`"action-name":"x y",` + function),
	"FGS.1052": acting(`"action-name":"x","invocation-mode":"ASYNC",` + function),
	"FGS.1053": calling(`"action-mode":"PARALLEL","actions":[` + call + `,{"action-name":"y","invocation-mode":"ASYNC",` + function + `}]`),
	"FGS.1054": states(`"a":{"type":"OPERATION","start":true,"next-state":"b","actions":[` + call + `]}`),
	"FGS.1055": noop(`,"b":{"type":"NOOP","next-state":"end"},` + end),
	"FGS.1056": waiting(`"e":{"source":"`+topic+`"}`, `"events":[]`),
	"FGS.1057": states(`"a":{"type":"EVENT","start":true,"events":[{"event-expression":"e","actions":[],"next-state":"end"}]}`),
	"FGS.1058": waiting(`"e":{"source":"`+topic+`"}`, `"event-timeout":86401,"events":[{"event-expression":"e","actions":[],"next-state":"end"}]`),
	"FGS.1059": waiting(`"e":{"source":"`+topic+`"}`, `"events":[null]`),
	"FGS.1060": waiting(`"e":{"source":"`+worker+`"}`, `"events":[`+times(2, `{"event-expression":"e","actions":[],"next-state":"end"}`)+`]`),
	"FGS.1061": waiting(manyEvents(2), `"events":[{"event-expression":"e0","actions":[],"next-state":"end"}]`),
	"FGS.1062": waiting(manyEvents(2), `"events":[{"event-expression":"e0","actions":[],"next-state":"end"},{"event-expression":"e1","actions":[],"next-state":"end"}]`),
	"FGS.1063": waiting(`"e":{"source":"`+topic+`"},"f":{"source":"`+worker+`"}`, `"events":[{"event-expression":"e or f","actions":[],"next-state":"end"}]`),
	"FGS.1064": answering(`"action-mode":"RANDOM","actions":[]`),
	"FGS.1065": answering(`"actions":[` + times(21, call) + `]`),
	"FGS.1066": answering(`"actions":[` + call + `,` + call + `]`),
	"FGS.1067": answering(`"actions":[{"action-name":"",` + function + `}]`),
	"FGS.1068": answering(`"actions":[{"action-name":"x","invocation-mode":"ASYNC",` + function + `}]`),
	"FGS.1069": answering(`"action-mode":"PARALLEL","actions":[` + call + `,{"action-name":"y","invocation-mode":"ASYNC",` + function + `}]`),
	"FGS.1070": waiting(`"e":{"source":"`+topic+`"}`, `"events":[{"event-expression":"e","actions":[],"next-state":"b"}]`),
	"FGS.1071": states(`"a":{"type":"NOOP","start":true,"next-state":"b"}`),
	"FGS.1072": states(`"a":{"type":"NOOP","next-state":"end"}`),
	"FGS.1073": `{"states":{"a":{"type":"NOOP","start":true,"next-state":"b"},"b":{"type":"NOOP","next-state":"a"}}}`,
	"FGS.1074": `{"event-defs":{"e":{"source":"` + topic + `"}},"states":{"a":{"type":"EVENT","start":true,"events":[{"event-expression":"e","actions":[],"next-state":"b"}]},` +
		`"b":{"type":"SWITCH","choices":[{"path":"$","value":1,"next-state":"a"}],"default":"end"},` + end + `}}`,
	"FGS.1075": noop(`,` + end + `},"comment":{`),
	"FGS.1076": choosing(`"choices":[{"path":"$","value":1,"next-state":"b"}],"default":"end"`),
	"FGS.1077": calling(`"dynamic-extend":"$","actions":[` + call + `]`),
	"FGS.1078": calling(`"action-mode":"PARALLEL","dynamic-extend":"$","actions":[` + call + `,{"action-name":"y",` + function + `}]`),
	"FGS.1079": calling(`"action-mode":"PARALLEL","actions":[{"action-name":"x","invocation-mode":"ASYNC","results":[{"match":"MatchAny"}],` + function + `}]`),
}

// manyEvents returns definitions of the events e0, e1 and so on.
func manyEvents(n int) string {
	var all []string
	for i := range n {
		c := string(rune('a' + i))
		all = append(all, `"e`+strconv.Itoa(i)+`":{"source":"urn:fgs:r:p:trigger:SMN_topic_`+c+`_1"}`)
	}
	return strings.Join(all, ",")
}

func TestDefinitionFaults(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{})
	for code, definition := range definitionFaults {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			body := `{"graph_name":"x","definition":` + quoted(definition) + `}`
			got := do(t, h, "POST", graphs, body)
			got.wantRefusal(t, 400, code, "")
			var all struct {
				Details []struct{ Code, Path, Message string }
			}
			if err := json.Unmarshal([]byte(got.body), &all); err != nil {
				t.Fatal(err)
			}
			if len(all.Details) == 0 || all.Details[0].Code != code || all.Details[0].Message == "" {
				t.Errorf("got details %+v, want %s first", all.Details, code)
			}
			body = `{"info_type":"definition","info":` + quoted(definition) + `}`
			do(t, h, "PUT", graphs+"/"+graphURN+"x", body).wantRefusal(t, 400, code, "")
		})
	}
}

// A definition with several faults is refused with the first, and tells all.
func TestAllFaultsAreTold(t *testing.T) {
	t.Parallel()
	h := faked(fakeEngine{}, fakeStore{})
	definition := states(`"a":{"type":"NOOP","start":true,"next-state":"b"},"c":{"type":"DELAY","time-delay":0,"next-state":"end","x":1}`)
	got := do(t, h, "POST", graphs, `{"graph_name":"x","definition":`+quoted(definition)+`}`)
	got.wantRefusal(t, 400, "FGS.1075", "/states/c/x: ")
	var all struct {
		Details []struct{ Code, Path string }
	}
	if err := json.Unmarshal([]byte(got.body), &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range all.Details {
		found[d.Code] = d.Path
	}
	for code, path := range map[string]string{
		"FGS.1075": "/states/c/x",
		"FGS.1030": "/states/c/time-delay",
		"FGS.1071": "/states/a/next-state",
	} {
		if found[code] != path {
			t.Errorf("%s: got path %q, want %q, in %s", code, found[code], path, got.body)
		}
	}
}
