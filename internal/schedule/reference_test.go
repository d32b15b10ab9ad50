package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"heddle/internal/schedule"
)

// slowly is the reference: it knows an expression as text, and asks of a minute
// whether each field's text fits it. It takes only what Parse has taken.
type slowly []string

var (
	slowMonths   = strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
	slowWeekdays = strings.Fields("SUN MON TUE WED THU FRI SAT")
)

// fits reports whether the expression fires at a minute that clocks show.
func (s slowly) fits(t time.Time) bool {
	weekday := int(t.Weekday()) + 1
	return listFits(s[0], t.Minute(), 0, nil) &&
		listFits(s[1], t.Hour(), 0, nil) &&
		dayFits(s[2], t) &&
		listFits(s[3], int(t.Month()), 1, slowMonths) &&
		weekdayFits(s[4], t, weekday) &&
		(len(s) < 6 || listFits(s[5], t.Year(), 1970, nil))
}

func listFits(text string, value, min int, names []string) bool {
	return slices.ContainsFunc(strings.Split(text, ","), func(term string) bool {
		span, step, stepped := strings.Cut(term, "/")
		from, to, ranged := strings.Cut(span, "-")
		low, high := min, 9999
		if from != "*" {
			low = slowNumber(from, min, names)
			if !stepped {
				high = low
			}
		}
		if ranged {
			high = slowNumber(to, min, names)
		}
		n := 1
		if stepped {
			n, _ = strconv.Atoi(step)
		}
		return low <= value && value <= high && (value-low)%n == 0
	})
}

func slowNumber(text string, min int, names []string) int {
	if i := slices.Index(names, strings.ToUpper(text)); i >= 0 {
		return min + i
	}
	n, _ := strconv.Atoi(text)
	return n
}

func dayFits(text string, t time.Time) bool {
	last := dateOf(t.Year(), t.Month()+1, 0)
	back, fromLast := strings.CutPrefix(text, "L-")
	day, nearest := strings.CutSuffix(text, "W")
	switch {
	case text == "?":
		return true
	case text == "L":
		return t.Day() == last.Day()
	case fromLast:
		return t.Day()+slowNumber(back, 0, nil) == last.Day()
	case text == "LW":
		for !workday(last) {
			last = last.AddDate(0, 0, -1)
		}
		return t.Day() == last.Day()
	case nearest:
		wanted := dateOf(t.Year(), t.Month(), slowNumber(day, 0, nil))
		for _, away := range []int{0, -1, 1, -2, 2} {
			near := wanted.AddDate(0, 0, away)
			if wanted.Month() == t.Month() && near.Month() == t.Month() && workday(near) {
				return t.Day() == near.Day()
			}
		}
		return false
	}
	return listFits(text, t.Day(), 1, nil)
}

func weekdayFits(text string, t time.Time, weekday int) bool {
	which, last := strings.CutSuffix(text, "L")
	which2, nth, numbered := strings.Cut(text, "#")
	switch {
	case text == "?":
		return true
	case text == "L":
		return weekday == 7
	case last:
		return weekday == slowNumber(which, 1, slowWeekdays) && dateOf(t.Year(), t.Month(), t.Day()+7).Month() != t.Month()
	case numbered:
		return weekday == slowNumber(which2, 1, slowWeekdays) && (t.Day()-1)/7+1 == slowNumber(nth, 0, nil)
	}
	return listFits(text, weekday, 1, slowWeekdays)
}

func dateOf(year int, m time.Month, day int) time.Time {
	return time.Date(year, m, day, 0, 0, 0, 0, time.UTC)
}

func workday(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }

// firstShown reports whether clocks show a time for the first time: a day before
// is as far as they are ever set back.
func firstShown(t time.Time) bool {
	const dayMinutes = 24 * 60
	for back := 1; back <= dayMinutes; back++ {
		b := t.Add(-time.Duration(back) * time.Minute)
		if b.Minute() == t.Minute() && b.Hour() == t.Hour() && b.Day() == t.Day() {
			return false
		}
	}
	return true
}

// compare wants of the schedule what trying minute by minute finds.
func compare(t *testing.T, expression string, after time.Time, days int) {
	t.Helper()
	c, err := schedule.Parse(expression)
	if err != nil {
		return
	}
	s := slowly(strings.Fields(expression))
	next, ok := c.Next(after)
	if ok && (!next.After(after) || !s.fits(next) || next.Second() != 0 || !firstShown(next)) {
		t.Fatalf("%q after %s: got %s, which is no fire time", expression, after, next)
	}
	for m := after.Truncate(time.Minute).Add(time.Minute); m.Sub(after) < time.Duration(days)*24*time.Hour && m.UTC().Year() < 2100; m = m.Add(time.Minute) {
		if ok && !m.Before(next) {
			return
		}
		if s.fits(m) && firstShown(m) {
			t.Fatalf("%q after %s: got %s (%v), want %s", expression, after, next, ok, m)
		}
	}
	if text := c.String(); strings.Contains(text, "%!") {
		t.Fatalf("%q is %q in words", expression, text)
	}
}

// zones have what zones have: none, whole and half hours, both hemispheres.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"}

func FuzzNext(f *testing.F) {
	for i, expression := range []string{
		"*/5 9-10 * * ?", "0 0 L-3 * ?", "30 2 LW 2,3/4 ?", "0 12 15W jan-MAR ? 2018-2020", "1,59 */7 ? * 6#3", "0 0 ? * friL 2096/2", "0 0 29 2 ?",
	} {
		f.Add(expression, int64(1516606967), uint8(i))
		f.Add(expression, int64(1540688400), uint8(i+1))
	}
	f.Fuzz(func(t *testing.T, expression string, seconds int64, zone uint8) {
		const last = 4102444799 // the end of 2099
		if seconds < 0 || seconds > last {
			t.Skip()
		}
		compare(t, expression, time.Unix(seconds, 0).In(testZone(t, zones[int(zone)%len(zones)])), 40)
	})
}

// Expressions that the rules allow, from a fixed seed.
func TestRandomExpressions(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		expression := randomExpression(random)
		if _, err := schedule.Parse(expression); err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		after := time.Unix(1_400_000_000+random.Int64N(600_000_000), 0)
		compare(t, expression, after.In(testZone(t, zones[random.IntN(len(zones))])), 10)
	}
}

func randomExpression(r *rand.Rand) string {
	day, weekday := randomDay(r), "?"
	if r.IntN(2) == 0 {
		day, weekday = "?", randomWeekday(r)
	}
	fields := []string{randomList(r, 0, 59, nil), randomList(r, 0, 23, nil), day, randomList(r, 1, 12, slowMonths), weekday}
	if r.IntN(4) == 0 {
		fields = append(fields, randomList(r, 1970, 2099, nil))
	}
	return strings.Join(fields, strings.Repeat(" ", 1+r.IntN(2)))
}

func randomDay(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return "L"
	case 1:
		return "LW"
	case 2:
		return fmt.Sprintf("L-%d", r.IntN(31))
	case 3:
		return fmt.Sprintf("%dW", 1+r.IntN(31))
	}
	return randomList(r, 1, 31, nil)
}

func randomWeekday(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return "L"
	case 1:
		return randomValue(r, 1, 7, slowWeekdays) + "L"
	case 2:
		return fmt.Sprintf("%s#%d", randomValue(r, 1, 7, slowWeekdays), 1+r.IntN(5))
	}
	return randomList(r, 1, 7, slowWeekdays)
}

func randomList(r *rand.Rand, min, max int, names []string) string {
	if r.IntN(3) == 0 {
		return "*"
	}
	var terms []string
	for range 1 + r.IntN(3) {
		low := min + r.IntN(max-min+1)
		term := []string{
			"*", fmt.Sprint(low), randomValue(r, min, max, names),
			fmt.Sprintf("%d-%d", low, low+r.IntN(max-low+1)),
		}[r.IntN(4)]
		if r.IntN(3) == 0 {
			term += fmt.Sprintf("/%d", 1+r.IntN(max-min))
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, ",")
}

func randomValue(r *rand.Rand, min, max int, names []string) string {
	if names != nil && r.IntN(2) == 0 {
		name := names[r.IntN(len(names))]
		return []string{name, strings.ToLower(name)}[r.IntN(2)]
	}
	return fmt.Sprint(min + r.IntN(max-min+1))
}
