package schedule_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"heddle/internal/schedule"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// testZone loads a zone, or skips the test where there are none.
func testZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("the time zones are not installed: %v", err)
	}
	return zone
}

// nextTimes writes the next n moments of a schedule, and "end" if there are fewer.
func nextTimes(s schedule.Schedule, after time.Time, n int) string {
	var times []string
	for range n {
		next, ok := s.Next(after)
		if !ok {
			times = append(times, "end")
			break
		}
		times = append(times, next.Format(time.RFC3339))
		after = next
	}
	return strings.Join(times, " ")
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^"([^"]*)" ([^#]+) # (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) < 101 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		expression, want, shows := row[1], row[2], row[3]
		got := "refused"
		if c, err := schedule.Parse(expression); err == nil {
			got = nextTimes(c, at("2018-01-22T07:42:47Z"), 3)
		}
		if got != want {
			t.Errorf("%q (%s)\ngot  %s\nwant %s", expression, shows, got, want)
		}
	}
}

// What a refusal says: the field, what stands there, and what would be right.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"60 * * * ?":                    `minutes "60": "60" must be a number from 0 to 59`,
		"* * * * *":                     `exactly one of day-of-month and day-of-week must be ?`,
		"* * ? * ?":                     `exactly one of day-of-month and day-of-week must be ?`,
		"* * ?":                         `the expression has 3 fields, not 5 to 6: minutes hours day-of-month month day-of-week [year]`,
		"":                              `the expression has 0 fields, not 5 to 6: minutes hours day-of-month month day-of-week [year]`,
		"0 0 ? * FRI-MON":               `day-of-week "FRI-MON": the range FRI-MON runs backwards; begin with the smaller value`,
		"0 0 ? * MONDAY":                `day-of-week "MONDAY": "MONDAY" must be a number from 1 to 7, or a name from SUN to SAT`,
		"0 0 1 1 ? */130":               `year "*/130": the step "130" must be a number from 1 to 129`,
		"0 0 1W,2 * ?":                  `day-of-month "1W,2": each of L, L-n, LW and nW stands alone in its field`,
		"0 0 1 1 ? 9999":                `year "9999": "9999" must be a number from 1970 to 2099`,
		"0 0 1 1 ? 1970/99999":          `year "1970/99999": the step "99999" must be a number from 1 to 129`,
		"* * * * * *":                   `exactly one of day-of-month and day-of-week must be ?`,
		"* * * * * * *":                 `the expression has 7 fields, not 5 to 6: minutes hours day-of-month month day-of-week [year]`,
		"*/0 * * * ?":                   `minutes "*/0": the step "0" must be a number from 1 to 59`,
		"0 0 32 * ?":                    `day-of-month "32": "32" must be a number from 1 to 31`,
		"0 0 L-31 * ?":                  `day-of-month "L-31": "31" must be a number from 0 to 30`,
		"0 0 ? * 6#6":                   `day-of-week "6#6": "6" must be a number from 1 to 5`,
		"0 0 00001 * ?":                 `day-of-month "00001": "00001" must be a number from 1 to 31`,
		"+1 0 1 * ?":                    `minutes "+1": "+1" must be a number from 0 to 59`,
		"0 0 1 * ?\n":                   `day-of-week "?\n": "?\n" must be a number from 1 to 7, or a name from SUN to SAT`,
		"0 0 ? * UNM":                   `day-of-week "UNM": "UNM" must be a number from 1 to 7, or a name from SUN to SAT`,
		strings.Repeat("0,", 512) + "0": `the expression has 1025 bytes, at most 1024 are allowed`,
	} {
		if _, err := schedule.Parse(expression); err == nil || err.Error() != want {
			t.Errorf("%q\ngot  %v\nwant %s", expression, err, want)
		}
	}
}

// The table above is in UTC. Where clocks change, a local time that there is not
// is skipped, and one that there is twice fires the first time.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, expression, after, want string }{
		// From 02:00 to 03:00 on 25 March, back from 03:00 to 02:00 on 28 October.
		{"Europe/Berlin", "30 2 * * ?", "2018-03-24T00:00:00Z", "2018-03-24T02:30:00+01:00 2018-03-26T02:30:00+02:00"},
		{"Europe/Berlin", "30 2 * * ?", "2018-10-27T00:00:00Z", "2018-10-27T02:30:00+02:00 2018-10-28T02:30:00+02:00 2018-10-29T02:30:00+01:00"},
		{"Europe/Berlin", "0 * * * ?", "2018-03-25T00:30:00Z", "2018-03-25T03:00:00+02:00 2018-03-25T04:00:00+02:00"},
		{"Europe/Berlin", "0 * * * ?", "2018-10-27T23:30:00Z", "2018-10-28T02:00:00+02:00 2018-10-28T03:00:00+01:00"},
		{"Europe/Berlin", "*/30 2,3 * * ?", "2018-10-28T00:15:00Z", "2018-10-28T02:30:00+02:00 2018-10-28T03:00:00+01:00"},
		// Asked within the hour that comes a second time.
		{"Europe/Berlin", "*/30 2,3 * * ?", "2018-10-28T01:15:00Z", "2018-10-28T03:00:00+01:00"},
		{"Europe/Berlin", "0 2 25 3 ? 2018", "2018-01-01T00:00:00Z", "end"},
		// By half an hour, from 02:00 to 02:30 and back.
		{"Australia/Lord_Howe", "15 2 * * ?", "2018-10-06T00:00:00Z", "2018-10-08T02:15:00+11:00"},
		{"Australia/Lord_Howe", "45 1 * * ?", "2018-03-31T00:00:00Z", "2018-04-01T01:45:00+11:00 2018-04-02T01:45:00+10:30"},
		// At midnight, so that the day begins at 01:00.
		{"America/Sao_Paulo", "0 0 * * ?", "2018-11-03T12:00:00Z", "2018-11-05T00:00:00-02:00"},
		// A day that there was not.
		{"Pacific/Apia", "0 12 * * ?", "2011-12-29T12:00:00Z", "2011-12-29T12:00:00-10:00 2011-12-31T12:00:00+14:00"},
		// The end of what is searched is in UTC.
		{"America/New_York", "59 18 31 12 ? 2099", "2018-01-01T00:00:00Z", "2099-12-31T18:59:00-05:00 end"},
		{"America/New_York", "0 19 31 12 ? 2099", "2018-01-01T00:00:00Z", "end"},
	} {
		zone := testZone(t, c.zone)
		parsed, err := schedule.Parse(c.expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextTimes(parsed, at(c.after).In(zone), strings.Count(c.want, " ")+1); got != c.want {
			t.Errorf("%s %q after %s\ngot  %s\nwant %s", c.zone, c.expression, c.after, got, c.want)
		}
	}
}

func TestNextLooksFromAnywhere(t *testing.T) {
	t.Parallel()
	c, err := schedule.Parse("0 0 1 1 ?")
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[string]string{
		"0001-01-01T00:00:00Z":           "1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z":           "1970-01-01T00:00:00Z",
		"1970-01-01T00:00:00Z":           "1971-01-01T00:00:00Z",
		"2017-12-31T23:59:59.999999999Z": "2018-01-01T00:00:00Z",
		"2018-01-01T00:00:00.000000001Z": "2019-01-01T00:00:00Z",
		"2099-01-01T00:00:00Z":           "end",
		"9999-01-01T00:00:00Z":           "end",
	} {
		if got := nextTimes(c, at(after), 1); got != want {
			t.Errorf("after %s: got %s, want %s", after, got, want)
		}
	}
}
