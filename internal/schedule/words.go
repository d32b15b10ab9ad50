package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// String says in words when the expression holds: "at 23:00, on the last day of
// every month".
func (c *Cron) String() string {
	words := c.timeWords() + ", " + c.dayWords()
	if years := c.years; years.values != nil && len(years.values) <= yearMax-yearMin {
		words += ", in " + listWords(years.values, "year", yearMin, yearMax, strconv.Itoa)
	}
	return words
}

// timesMax is how many times of the day are told one by one.
const timesMax = 6

func (c *Cron) timeWords() string {
	if len(c.hours.values)*len(c.minutes.values)*len(c.seconds.values) <= timesMax {
		var times []string
		for _, h := range c.hours.values {
			for _, m := range c.minutes.values {
				for _, s := range c.seconds.values {
					times = append(times, clock{h, m, s}.String())
				}
			}
		}
		return "at " + joined(times)
	}
	words := c.minutes.words("minute", 0, 59, strconv.Itoa)
	if !slices.Equal(c.seconds.values, []int{0}) {
		words = c.seconds.words("second", 0, 59, strconv.Itoa) + " of " + words
	}
	if !strings.HasPrefix(words, "every") {
		words = "at " + words
	}
	if len(c.hours.values) < 24 {
		words += " of " + c.hours.words("hour", 0, 23, strconv.Itoa)
	}
	return words
}

// String writes a time of the day, without the second if it is 0.
func (c clock) String() string {
	if c.second == 0 {
		return fmt.Sprintf("%02d:%02d", c.hour, c.minute)
	}
	return fmt.Sprintf("%02d:%02d:%02d", c.hour, c.minute, c.second)
}

func (c *Cron) dayWords() string {
	ofMonth := "of every month"
	inMonth := ""
	if len(c.months.values) < 12 {
		months := listWords(c.months.values, "month", 1, 12, monthName)
		ofMonth, inMonth = "of "+months, " in "+months
	}
	everyDay := len(c.days.values) == 31 || c.days.open()
	switch s := c.days.special; {
	case s.kind == beforeLast && s.n == 0:
		return "on the last day " + ofMonth
	case s.kind == beforeLast && s.n == 1:
		return "1 day before the last day " + ofMonth
	case s.kind == beforeLast:
		return fmt.Sprintf("%d days before the last day %s", s.n, ofMonth)
	case s.kind == lastWorkday:
		return "on the last day from Monday to Friday " + ofMonth
	case s.kind == nearestWorkday:
		return fmt.Sprintf("on the day from Monday to Friday nearest to day %d %s", s.n, ofMonth)
	case !everyDay:
		return "on " + listWords(c.days.values, "day", 1, 31, strconv.Itoa) + " " + ofMonth
	}
	switch s := c.weekdays.special; {
	case s.kind == lastWeekday:
		return fmt.Sprintf("on the last %s %s", time.Weekday(s.n), ofMonth)
	case s.kind == nthWeekday:
		return fmt.Sprintf("on the %s %s %s", ordinal(s.nth), time.Weekday(s.n), ofMonth)
	case c.weekdays.open(), len(c.weekdays.values) == 7:
		return "every day" + inMonth
	}
	return "on " + joined(runs(c.weekdays.values, weekdayName)) + inMonth
}

func (f field) words(unit string, min, max int, name func(int) string) string {
	return listWords(f.values, unit, min, max, name)
}

// listWords tells values of a field that go from min to max.
func listWords(values []int, unit string, min, max int, name func(int) string) string {
	first, last := values[0], values[len(values)-1]
	if len(values) == max-min+1 {
		return "every " + unit
	}
	if step, ok := stepOf(values); ok {
		words := "every " + ordinal(step) + " " + unit
		switch {
		case last+step <= max:
			words += " from " + name(first) + " to " + name(last)
		case first > min:
			words += " from " + name(first)
		}
		return words
	}
	listed := joined(runs(values, name))
	switch {
	case name(first) != strconv.Itoa(first): // it says by itself what it is
		return listed
	case len(values) == 1:
		return unit + " " + listed
	}
	return unit + "s " + listed
}

// stepOf returns the step between values that are evenly apart and so many that
// it says more than they do.
func stepOf(values []int) (int, bool) {
	if len(values) < 4 {
		return 0, false
	}
	step := values[1] - values[0]
	for i := 1; i < len(values); i++ {
		if values[i]-values[i-1] != step {
			return 0, false
		}
	}
	return step, step > 1
}

// runs names values, and of three or more in a row the first and the last.
func runs(values []int, name func(int) string) []string {
	var words []string
	for i := 0; i < len(values); {
		j := i
		for j+1 < len(values) && values[j+1] == values[j]+1 {
			j++
		}
		if j < i+2 {
			words = append(words, name(values[i]))
			i++
			continue
		}
		words = append(words, name(values[i])+" to "+name(values[j]))
		i = j + 1
	}
	return words
}

// joined writes a list as a sentence has it.
func joined(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func monthName(m int) string { return time.Month(m).String() }

func weekdayName(w int) string { return time.Weekday(w).String() }

// ordinal writes 1st, 2nd, 3rd and so on.
func ordinal(n int) string {
	suffix := "th"
	switch {
	case n%100/10 == 1:
	case n%10 == 1:
		suffix = "st"
	case n%10 == 2:
		suffix = "nd"
	case n%10 == 3:
		suffix = "rd"
	}
	return strconv.Itoa(n) + suffix
}
