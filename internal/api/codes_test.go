package api_test

import (
	"maps"
	"slices"
	"testing"

	"heddle/internal/api"
)

// Every code that the API sends is earned by a test, with its status; and no
// test earns a code that is not in the table.
func TestEveryCodeIsEarned(t *testing.T) {
	t.Parallel()
	earned := map[string]int{
		"FGS.0002": 401, // TestEventSecrets
		"FGS.0003": 401, // TestLogin
		"FGS.0011": 401, // TestEventSecrets
		"FGS.5001": 401, // TestLogin
		"FGS.9009": 409, // TestUsers
		"FGS.9010": 404, // likewise
		"FGS.1003": 404, // TestADefinitionThatIsGone
		"FGS.2033": 500, // TestAFaultOfTheTimers
		"FGS.0014": 500, // TestQuotaErrors
		"FGS.9005": 409, // TestCallback
	}
	for _, c := range slices.Concat(refusals, sourceRefusals, triggerRefusals, timerRefusals, quotaRefusals, messageRefusals) {
		if c.status != 405 { // the one code with two statuses
			earned[c.code] = c.status
		}
	}
	for _, c := range engineFaults {
		earned[c.code] = c.status
	}
	for _, c := range eventFailures {
		earned[c.code] = c.status
	}
	for code := range definitionFaults {
		earned[code] = 400
	}
	for code := range triggerFaults {
		earned[code] = 400
	}
	sent := map[string]int{}
	for code, c := range api.Codes() {
		sent[code] = c.Status
	}
	for _, code := range slices.Sorted(maps.Keys(sent)) {
		if earned[code] != sent[code] {
			t.Errorf("%s: sent with status %d, earned with %d", code, sent[code], earned[code])
		}
	}
	for _, code := range slices.Sorted(maps.Keys(earned)) {
		if sent[code] == 0 {
			t.Errorf("%s: earned, but not in the table of codes", code)
		}
	}
}
