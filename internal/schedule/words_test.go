package schedule_test

import (
	"os"
	"regexp"
	"testing"

	"heddle/internal/schedule"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expression, want string }{
		{"*/1 * * * ?", "every minute, every day"},
		{"0 23 * * ?", "at 23:00, every day"},
		{"0 23 L * ?", "at 23:00, on the last day of every month"},
		{"0 1 ? * L", "at 01:00, on Saturday"},
		{"26,29,33 * * * ?", "at minutes 26, 29 and 33, every day"},
		{"0 0,13,18,21 * * ?", "at 00:00, 13:00, 18:00 and 21:00, every day"},
		{"7/6 * * * ?", "every 6th minute from 7, every day"},
		{"0 0 1 7/6 ?", "at 00:00, on day 1 of July"},
		{"0 10-12 * * ?", "at 10:00, 11:00 and 12:00, every day"},
		{"0 9 ? * MON,WED,FRI", "at 09:00, on Monday, Wednesday and Friday"},
		{"0 9 ? * 2-6", "at 09:00, on Monday to Friday"},
		{"0 9 ? * *", "at 09:00, every day"},
		{"0 0 L-3 * ?", "at 00:00, 3 days before the last day of every month"},
		{"0 0 L-1 * ?", "at 00:00, 1 day before the last day of every month"},
		{"0 0 15W * ?", "at 00:00, on the day from Monday to Friday nearest to day 15 of every month"},
		{"0 0 LW 6,12 ?", "at 00:00, on the last day from Monday to Friday of June and December"},
		{"0 0 ? * 6#3", "at 00:00, on the 3rd Friday of every month"},
		{"0 0 ? JAN-MAR FRIL", "at 00:00, on the last Friday of January to March"},
		{"0 0 29 2 ?", "at 00:00, on day 29 of February"},
		{"0 0 5 3 ? 2018", "at 00:00, on day 5 of March, in year 2018"},
		{"0 12 * * ? 2019-2021,2030", "at 12:00, every day, in years 2019 to 2021 and 2030"},
		{"0 0 1 1 ? 2018/2", "at 00:00, on day 1 of January, in every 2nd year from 2018"},
		{"0 0 1 1 ? *", "at 00:00, on day 1 of January"},
		{"*/20 13-22 * * ?", "at minutes 0, 20 and 40 of hours 13 to 22, every day"},
		{"*/5 9-10 * * ?", "every 5th minute of hours 9 and 10, every day"},
		{"0 */2 * * ?", "at minute 0 of every 2nd hour, every day"},
		{"10-40/10 8 1-7/2 * ?", "at 08:10, 08:20, 08:30 and 08:40, on every 2nd day from 1 to 7 of every month"},
		{"5-10,50 14 * 3 ?", "at minutes 5 to 10 and 50 of hour 14, every day in March"},
		{"* * ? JAN,JUL MON", "every minute, on Monday in January and July"},
		{"* * 11-13,21-23 * ?", "every minute, on days 11 to 13 and 21 to 23 of every month"},
		{"* * 1/11 * ?", "every minute, on days 1, 12 and 23 of every month"},
		{"0-22/2 0 1/11 */2 ?", "every 2nd minute from 0 to 22 of hour 0, on days 1, 12 and 23 of every 2nd month"},
		{"0-33/11 * * * ?", "every 11th minute from 0 to 33, every day"},
	} {
		parsed, err := schedule.Parse(c.expression)
		if err != nil {
			t.Errorf("%q: %v", c.expression, err)
			continue
		}
		if got := parsed.String(); got != c.want {
			t.Errorf("%q\ngot  %s\nwant %s", c.expression, got, c.want)
		}
	}
}

// docs/timers.md says of some expressions what they mean.
func TestWordsOfThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/timers.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([^`]+ [^`]+)` \\| (.+) \\|$").FindAllStringSubmatch(string(page), -1)
	if len(rows) < 5 {
		t.Fatalf("the page has %d expressions", len(rows))
	}
	for _, row := range rows {
		parsed, err := schedule.Parse(row[1])
		if err != nil || parsed.String() != row[2] {
			t.Errorf("%q: the page says %q, the program %v, %v", row[1], row[2], parsed, err)
		}
	}
}
