package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"heddle/internal/schedule"
	"heddle/internal/zone"
)

// nextFlags are what timer next is told beside the expression.
type nextFlags struct {
	count int
	zone  string
	after string
}

// nextTimes is what timer next prints.
type nextTimes struct {
	Expression string   `json:"expression"`
	Words      string   `json:"words"`
	Zone       string   `json:"time_zone"`
	Times      []string `json:"times"`
}

const countMax = 1000

func (a *app) nextCommand() *cobra.Command {
	var f nextFlags
	c := &cobra.Command{
		Use:   "next EXPRESSION",
		Short: "Say what a cron expression means and when it holds next",
		Long:  "Say in words what a cron expression means, and when it holds next. No server is\nasked. A timer has five or six fields:\n\n  minutes hours day-of-month month day-of-week [year]\n\nWeekdays count from 1, which is Sunday; exactly one of the two day fields is ?.",
		Example: "  heddle timer next '30 8 ? * MON-FRI' --zone Europe/Berlin\n" +
			"  heddle timer next '0 0 L * ?' --count 12",
		Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			next, err := f.times(args[0], time.Now())
			if err != nil {
				return err
			}
			return a.print(next, next.table)
		},
	}
	flags := c.Flags()
	flags.IntVar(&f.count, "count", 5, "how many times")
	flags.StringVar(&f.zone, "zone", "UTC", "`name` of the time zone in which it holds")
	flags.StringVar(&f.after, "after", "", "the `moment` after which, such as 2018-01-22T07:42:47Z (default now)")
	return c
}

// times returns what an expression means, and when it holds after now or the
// moment of the flags.
func (f nextFlags) times(expression string, now time.Time) (nextTimes, error) {
	if f.count < 1 || f.count > countMax {
		return nextTimes{}, usageError{fmt.Errorf("--count must be 1 to %d", countMax)}
	}
	where, err := zone.Find(f.zone)
	if err != nil {
		return nextTimes{}, usageError{fmt.Errorf("--zone: %w", err)}
	}
	if f.after != "" {
		if now, err = time.Parse(time.RFC3339, f.after); err != nil {
			return nextTimes{}, usageError{errors.New("--after must be a moment such as 2018-01-22T07:42:47Z")}
		}
	}
	c, err := schedule.Parse(expression)
	if err != nil {
		return nextTimes{}, err
	}
	next := nextTimes{Expression: expression, Words: c.String(), Zone: f.zone, Times: []string{}}
	for at, ok := c.Next(now.In(where)); ok && len(next.Times) < f.count; at, ok = c.Next(at) {
		next.Times = append(next.Times, at.Format(time.RFC3339))
	}
	return next, nil
}

// table prints the times a line each, with their weekdays.
func (n nextTimes) table(w io.Writer) {
	fmt.Fprintln(w, n.Words)
	for _, text := range n.Times {
		at, _ := time.Parse(time.RFC3339, text) // as it was written above
		fmt.Fprintln(w, "  "+at.Weekday().String()[:3]+" "+text)
	}
	if len(n.Times) == 0 {
		fmt.Fprintln(w, "  never again")
	}
}
