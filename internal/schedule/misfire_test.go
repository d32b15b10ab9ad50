package schedule_test

import (
	"strings"
	"testing"
	"time"

	"heddle/internal/schedule"
)

func TestRate(t *testing.T) {
	t.Parallel()
	r := schedule.Rate{First: at("2018-01-15T07:46:44.5Z"), Every: 5 * time.Minute}
	for after, want := range map[string]string{
		"2018-01-01T00:00:00Z":   "2018-01-15T07:46:44.5Z",
		"2018-01-15T07:46:44.4Z": "2018-01-15T07:46:44.5Z",
		"2018-01-15T07:46:44.5Z": "2018-01-15T07:51:44.5Z",
		"2018-01-15T07:51:44.4Z": "2018-01-15T07:51:44.5Z",
		"2118-01-15T07:46:44.5Z": "2118-01-15T07:51:44.5Z",
	} {
		if next, ok := r.Next(at(after)); !ok || !next.Equal(at(want)) {
			t.Errorf("after %s: got %s, want %s", after, next, want)
		}
	}
}

// A day of a rate has 24 hours, also where clocks change.
func TestADayOfARateHas24Hours(t *testing.T) {
	t.Parallel()
	r := schedule.Rate{First: at("2018-03-24T11:00:00Z"), Every: schedule.Units["day"].Length}
	if got, want := nextTimes(r, at("2018-03-24T11:00:00Z").In(testZone(t, "Europe/Berlin")), 1), "2018-03-25T13:00:00+02:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	minutely, _ := schedule.Parse("* * * * ?")
	yearly, _ := schedule.Parse("0 0 1 1 ?")
	for _, c := range []struct {
		what     string
		misfire  schedule.Misfire
		schedule schedule.Schedule
		due, now string
		want     string // "" if nothing fires
		upTo     string // if it is not what fires
	}{
		{"in time", schedule.Skip, minutely, "2018-01-22T07:43:00Z", "2018-01-22T07:43:00.004Z", "2018-01-22T07:43:00Z", ""},
		{"in time", schedule.Once, minutely, "2018-01-22T07:43:00Z", "2018-01-22T07:43:00Z", "2018-01-22T07:43:00Z", ""},
		{"in time", schedule.All, minutely, "2018-01-22T07:43:00Z", "2018-01-22T07:43:59.999Z", "2018-01-22T07:43:00Z", ""},

		{"a minute late", schedule.Skip, yearly, "2018-01-01T00:00:00Z", "2018-01-01T00:01:00Z", "2018-01-01T00:00:00Z", ""},
		{"more than a minute late", schedule.Skip, yearly, "2018-01-01T00:00:00Z", "2018-01-01T00:01:00.001Z", "", "2018-01-01T00:00:00Z"},
		{"more than a minute late", schedule.Once, yearly, "2018-01-01T00:00:00Z", "2018-12-31T23:59:59Z", "2018-01-01T00:00:00Z", ""},
		{"more than a week late", schedule.All, yearly, "2018-01-01T00:00:00Z", "2018-12-31T23:59:59Z", "2018-01-01T00:00:00Z", ""},

		{"an hour missed", schedule.Skip, minutely, "2018-01-22T07:43:00Z", "2018-01-22T08:43:30Z", "2018-01-22T08:43:00Z", ""},
		{"an hour missed", schedule.Once, minutely, "2018-01-22T07:43:00Z", "2018-01-22T08:43:30Z", "2018-01-22T08:43:00Z", ""},
		{"an hour missed", schedule.All, minutely, "2018-01-22T07:43:00Z", "2018-01-22T08:43:30Z", "2018-01-22T07:43:00Z", ""},

		{"a week missed", schedule.All, minutely, "2018-01-22T07:43:00Z", "2018-01-29T07:43:00Z", "2018-01-22T07:43:00Z", ""},
		{"more than a week missed", schedule.All, minutely, "2018-01-22T07:43:00Z", "2018-01-29T07:43:00.001Z", "2018-01-22T07:44:00Z", ""},
		{"two years missed", schedule.All, yearly, "2018-01-01T00:00:00Z", "2020-01-07T00:00:00Z", "2020-01-01T00:00:00Z", ""},
		{"two years missed", schedule.Once, yearly, "2018-01-01T00:00:00Z", "2020-06-07T00:00:00Z", "2020-01-01T00:00:00Z", ""},
		{"two years missed", schedule.Skip, yearly, "2018-01-01T00:00:00Z", "2020-06-07T00:00:00Z", "", "2020-01-01T00:00:00Z"},

		{"a rate that begins between two seconds", schedule.Once, schedule.Rate{First: at("2018-01-01T00:00:00.123Z"), Every: time.Hour},
			"2018-01-01T00:00:00.123Z", "2018-01-01T05:30:00Z", "2018-01-01T05:00:00.123Z", ""},
	} {
		upTo, fires := c.misfire.Due(c.schedule, at(c.due), at(c.now))
		want := c.want + c.upTo
		if fires != (c.want != "") || !upTo.Equal(at(want)) {
			t.Errorf("%s, %s: got %s %v, want %s", c.what, c.misfire, upTo.Format(time.RFC3339Nano), fires, want)
		}
	}
}

// Whatever was missed, each fire time is dealt with once, and in order.
func TestDueGoesOn(t *testing.T) {
	t.Parallel()
	c, _ := schedule.Parse("*/7 1,2 ? * *")
	now := at("2018-01-27T01:30:00Z")
	for misfire, want := range map[schedule.Misfire]int{schedule.Skip: 0, schedule.Once: 1, schedule.All: 9*4*2 + 5} {
		fired := 0
		due := at("2018-01-23T01:00:00Z")
		for !due.After(now) {
			upTo, fires := misfire.Due(c, due, now)
			if upTo.Before(due) || upTo.After(now) {
				t.Fatalf("%s: from %s up to %s at %s", misfire, due, upTo, now)
			}
			if fires {
				fired++
			}
			due, _ = c.Next(upTo)
		}
		if fired != want {
			t.Errorf("%s fired %d times, want %d", misfire, fired, want)
		}
	}
}

func TestMisfireNames(t *testing.T) {
	t.Parallel()
	for misfire, want := range map[schedule.Misfire]bool{"skip": true, "once": true, "all": true, "": false, "Once": false} {
		if misfire.Valid() != want {
			t.Errorf("%q: got %v", misfire, !want)
		}
	}
}

// The dearest search: one that finds nothing.
func BenchmarkNextOfNone(b *testing.B) {
	c, err := schedule.Parse("0-59 0-23 30 2 ?")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Next(at("1970-01-01T00:00:00Z"))
	}
}

func BenchmarkNext(b *testing.B) {
	c, err := schedule.Parse("*/5 9-17 ? * MON-FRI")
	if err != nil {
		b.Fatal(err)
	}
	after := at("2018-01-22T17:57:00Z")
	for b.Loop() {
		c.Next(after)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		schedule.Parse("*/5 9-17 ? * MON-FRI 2018-2099")
	}
}

// The dearest expression to read.
func BenchmarkParseOfMuch(b *testing.B) {
	expression := "* * ? * * *" + strings.Repeat(",*", 500)
	for b.Loop() {
		if _, err := schedule.Parse(expression); err != nil {
			b.Fatal(err)
		}
	}
}
