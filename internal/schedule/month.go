package schedule

import "time"

// month is a month of some year.
type month struct {
	year    int
	month   time.Month
	length  int          // days
	weekday time.Weekday // of the first day
}

func monthOf(year int, m time.Month) month {
	first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	return month{year, m, first.AddDate(0, 1, -1).Day(), first.Weekday()}
}

// on returns the weekday of a day.
func (m month) on(day int) time.Weekday { return (m.weekday + time.Weekday(day-1)) % 7 }

// first returns the first day that is a weekday.
func (m month) first(w time.Weekday) int { return 1 + int(w-m.weekday+7)%7 }

// all are the days of the month.
func (m month) all() dayset { return 1<<(m.length+1) - 2 }

// dayset is a set of days of a month; bit 1 is the first day.
type dayset uint32

func (s dayset) has(day int) bool { return s&(1<<day) != 0 }

// only returns the set of one day, or of none if the month does not have it.
func (m month) only(day int) dayset { return 1 << max(day, 0) & m.all() }

// special is what a day field can say beside values.
type special struct {
	kind specialKind
	n    int // a day, a weekday, or how many days before the last
	nth  int
}

type specialKind int

const (
	none           specialKind = iota
	beforeLast                 // L, L-n: n days before the last day of the month
	lastWorkday                // LW: the last day from Monday to Friday
	nearestWorkday             // nW: the day from Monday to Friday that is nearest to day n
	lastWeekday                // nL: the last weekday n of the month
	nthWeekday                 // n#k: the k-th weekday n of the month
)

// daysOf returns the days of a month for which the field holds, which is one of
// days of the month.
func (f field) daysOf(m month) dayset {
	switch s := f.special; {
	case s.kind == beforeLast:
		return m.only(m.length - s.n)
	case s.kind == lastWorkday:
		return m.only(m.workday(m.length))
	case s.kind == nearestWorkday && s.n > m.length:
		return 0
	case s.kind == nearestWorkday:
		return m.only(m.workday(s.n))
	case f.values == nil:
		return m.all()
	}
	var days dayset
	for _, day := range f.values {
		days |= m.only(day)
	}
	return days
}

// workday returns the day from Monday to Friday that is nearest to a day, in the
// same month.
func (m month) workday(day int) int {
	switch w := m.on(day); {
	case w == time.Saturday && day == 1:
		return 3
	case w == time.Saturday:
		return day - 1
	case w == time.Sunday && day == m.length:
		return day - 2
	case w == time.Sunday:
		return day + 1
	}
	return day
}

// weekdaysOf returns the days of a month for which the field holds, which is one
// of weekdays.
func (f field) weekdaysOf(m month) dayset {
	first := m.first(time.Weekday(f.special.n))
	switch {
	case f.special.kind == lastWeekday:
		return m.only(first + (m.length-first)/7*7)
	case f.special.kind == nthWeekday:
		return m.only(first + 7*(f.special.nth-1))
	case f.values == nil:
		return m.all()
	}
	var days dayset
	for _, w := range f.values {
		for day := m.first(time.Weekday(w)); day <= m.length; day += 7 {
			days |= m.only(day)
		}
	}
	return days
}
