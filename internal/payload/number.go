package payload

import (
	"cmp"
	"strings"
)

// CompareNumbers compares two JSON numbers by value, exactly, however large or
// small they are: -1, 0 or +1. It takes time in the length of the texts and
// not in the size of the numbers.
func CompareNumbers(a, b string) int {
	x, y := decimalFrom(a), decimalFrom(b)
	if x.sign != y.sign || x.sign == 0 {
		return cmp.Compare(x.sign, y.sign)
	}
	if gap := exponentGap(x, y); gap != 0 {
		return x.sign * cmp.Compare(gap, 0)
	}
	for i := range max(x.length(), y.length()) {
		if x.digit(i) != y.digit(i) {
			return x.sign * cmp.Compare(x.digit(i), y.digit(i))
		}
	}
	return 0
}

// decimal is the number sign × 0.d₀d₁d₂… × 10^(exponent+shift), where the
// digits d are those of whole and then of fraction, and d₀ is not 0. With all
// numbers in this form, the larger power is the larger number.
type decimal struct {
	sign            int // -1, 0 or +1; if 0, nothing else is set
	whole, fraction string
	shift           int

	// The exponent as it is written may have any number of digits, so it
	// stays text; exponentSign is -1 or +1.
	exponent     string
	exponentSign int
}

func decimalFrom(number string) decimal {
	d := decimal{sign: 1, exponentSign: 1}
	if strings.HasPrefix(number, "-") {
		d.sign, number = -1, number[1:]
	}
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		d.exponent, number = number[i+1:], number[:i]
	}
	switch {
	case strings.HasPrefix(d.exponent, "-"):
		d.exponent, d.exponentSign = d.exponent[1:], -1
	case strings.HasPrefix(d.exponent, "+"):
		d.exponent = d.exponent[1:]
	}

	whole, fraction, _ := strings.Cut(number, ".")
	d.whole = strings.TrimLeft(whole, "0")
	d.fraction = fraction
	d.shift = len(d.whole)
	if d.whole == "" {
		d.fraction = strings.TrimLeft(fraction, "0")
		d.shift = len(d.fraction) - len(fraction)
	}
	if d.whole == "" && d.fraction == "" {
		return decimal{}
	}
	return d
}

func (d *decimal) length() int { return len(d.whole) + len(d.fraction) }

// digit returns the digit of that index; past the last one they are all '0'.
func (d *decimal) digit(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	if i -= len(d.whole); i < len(d.fraction) {
		return d.fraction[i]
	}
	return '0'
}

// exponentGap returns the power of x less that of y. It subtracts the written
// exponents digit by digit, from the left; once the difference has grown past
// every possible shift, the digits that follow can not turn it.
func exponentGap(x, y decimal) int {
	const enough = 1 << 56
	gap := 0
	for i := max(len(x.exponent), len(y.exponent)); i > 0; i-- {
		gap = gap*10 + x.exponentDigit(i) - y.exponentDigit(i)
		if gap > enough || gap < -enough {
			return gap
		}
	}
	return gap + x.shift - y.shift
}

// exponentDigit returns the exponent's i-th digit from the right, counted from
// 1, with the exponent's sign.
func (d *decimal) exponentDigit(i int) int {
	if i > len(d.exponent) {
		return 0
	}
	return d.exponentSign * int(d.exponent[len(d.exponent)-i]-'0')
}
