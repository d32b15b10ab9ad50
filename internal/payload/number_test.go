package payload_test

import (
	"math/big"
	"strings"
	"testing"

	"heddle/internal/payload"
)

func TestCompareNumbers(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 10_000)
	tests := []struct {
		a, b string
		want int
	}{
		{"0", "0", 0},
		{"0", "-0", 0},
		{"-0.00e7", "0e-99999999999999999999", 0},
		{"1", "2", -1},
		{"-1", "-2", 1},
		{"-1", "1", -1},
		{"-1", "0", -1},
		{"0", "0.1", -1},
		{"1.1", "1.10", 0},
		{"1.10", "1.1000000000000000000001", -1},
		{"100", "1e2", 0},
		{"1E2", "1e+002", 0},
		{"0.01", "1e-2", 0},
		{"0.0012", "12e-4", 0},
		{"9", "10", -1},
		{"99.9", "100", -1},
		{"0.1", "0.09", 1},
		{"12345678901234567890", "12345678901234567891", -1},
		{"9007199254740993", "9007199254740992", 1},
		{"1" + zeros, "1e10000", 0},
		{"0." + zeros + "1", "1e-10001", 0},
		{"1e400", "1e401", -1},
		{"1e400", "2e400", -1},
		{"-1e400", "-1e401", 1},
		{"1e-999999999", "0", 1},
		{"1e-999999999", "1e-1000000000", 1},
		{"-1e-999999999", "0", -1},
		{"1e9223372036854775807", "1e9223372036854775808", -1},
		{"10e9223372036854775807", "1e9223372036854775808", 0},
		{"0.1e-9223372036854775807", "1e-9223372036854775808", 0},
		{"1e" + strings.Repeat("9", 1000), "1e1" + strings.Repeat("0", 1000), -1},
		{"10e" + strings.Repeat("9", 1000), "1e1" + strings.Repeat("0", 1000), 0},
		{"1e-" + strings.Repeat("9", 1000), "1e-1" + strings.Repeat("0", 1000), 1},
		{"1e" + strings.Repeat("9", 1000), "1e-" + strings.Repeat("9", 1000), 1},
		{"1e99999999999999999999", "1" + zeros, 1},
	}
	for _, test := range tests {
		if got := payload.CompareNumbers(test.a, test.b); got != test.want {
			t.Errorf("CompareNumbers(%.40s, %.40s) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := payload.CompareNumbers(test.b, test.a); got != -test.want {
			t.Errorf("CompareNumbers(%.40s, %.40s) = %d, want %d", test.b, test.a, got, -test.want)
		}
	}
}

func FuzzCompareNumbers(f *testing.F) {
	f.Add("1.10", "11e-1")
	f.Add("-0", "0e9")
	f.Add("10e99", "1e100")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.TrimSpace(a), strings.TrimSpace(b)
		x, y := rational(a), rational(b)
		if x == nil || y == nil {
			t.Skip("not numbers, or too large for the other way of comparing")
		}
		if got, want := payload.CompareNumbers(a, b), x.Cmp(y); got != want {
			t.Errorf("CompareNumbers(%s, %s) = %d, want %d", a, b, got, want)
		}
	})
}

// rational returns the value of a JSON number of moderate size, else nil.
func rational(number string) *big.Rat {
	v, err := payload.Parse(number, 0)
	if err != nil || v.Kind() != payload.Number {
		return nil
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(v.Text()), "e"); ok && len(exponent) > 4 {
		return nil
	}
	r, _ := new(big.Rat).SetString(v.Text())
	return r
}
