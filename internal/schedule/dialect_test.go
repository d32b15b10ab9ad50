package schedule

import (
	"testing"
	"time"
)

// Another dialect is a table of its own over the same core: here seconds come
// first, weekdays count from 0, which is Sunday, and may be missing.
func TestTheCoreTakesAnotherDialect(t *testing.T) {
	t.Parallel()
	numbers := func(name string, min, max int, part func(*Cron) *field) rule {
		return rule{name: name, min: min, max: max, anything: true, part: part}
	}
	weekdays := numbers("day-of-week", 0, 6, func(c *Cron) *field { return &c.weekdays })
	weekdays.names = "SUNMONTUEWEDTHUFRISAT"
	d := dialect{
		fields: []rule{
			numbers("seconds", 0, 59, func(c *Cron) *field { return &c.seconds }),
			numbers("minutes", 0, 59, func(c *Cron) *field { return &c.minutes }),
			numbers("hours", 0, 23, func(c *Cron) *field { return &c.hours }),
			numbers("day-of-month", 1, 31, func(c *Cron) *field { return &c.days }),
			numbers("month", 1, 12, func(c *Cron) *field { return &c.months }),
			weekdays,
		},
		optional: 1,
		check:    func(*Cron) error { return nil },
	}
	for expression, want := range map[string]string{
		"0 15 2 * *":          "2018-01-23 02:15:00 at 02:15, every day",
		"*/15 42 7 * * *":     "2018-01-22 07:42:15 at 07:42, 07:42:15, 07:42:30 and 07:42:45, every day",
		"0 30 8 ? * Mon-Fri":  "2018-01-22 08:30:00 at 08:30, on Monday to Friday",
		"30 * * 1 * 6":        "2018-09-01 00:00:30 at second 30 of every minute, on day 1 of every month",
		"5 42 7 22 1 0,1":     "2018-01-22 07:42:05 at 07:42:05, on day 22 of January",
		"5 0-2 7-9 23 1 0-6 ": "2018-01-23 07:00:05 at second 5 of minutes 0 to 2 of hours 7 to 9, on day 23 of January",
	} {
		c, err := d.parse(expression)
		if err != nil {
			t.Errorf("%q: %v", expression, err)
			continue
		}
		next, _ := c.Next(time.Date(2018, 1, 22, 7, 42, 4, 1, time.UTC))
		if got := next.Format(time.DateTime) + " " + c.String(); got != want {
			t.Errorf("%q\ngot  %s\nwant %s", expression, got, want)
		}
	}
}
