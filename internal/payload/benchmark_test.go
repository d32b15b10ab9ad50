package payload_test

import (
	"strings"
	"testing"

	"heddle/internal/payload"
)

// order is a payload of everyday size, orders one near the limit of an input.
var (
	order = `{"id":12345678901234567890,"customer":"Ines Okafor","lines":[` +
		`{"sku":"bolt-m4","quantity":250,"price":0.10},{"sku":"crate","quantity":1,"price":19.00}],"paid":true}`
	orders = `{"orders":[` + strings.Repeat(order+",", 180) + order + `]}`
)

func BenchmarkValid(b *testing.B) {
	for name, text := range map[string]string{"order": order, "orders": orders} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := payload.Valid(text, 64); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{"order": order, "orders": orders} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := payload.Parse(text, 64); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFilter(b *testing.B) {
	tests := []struct{ name, query, text string }{
		{"singular", "$.lines[1].price", order},
		{"filter", "$.lines[?@.price > 1 && @.sku != 'nut-m4'].sku", order},
		{"many", "$.orders[?@.paid == true].lines[?@.price > 1].sku", orders},
	}
	for _, test := range tests {
		b.Run(test.name, func(b *testing.B) {
			p, err := payload.Compile(test.query)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Filter(test.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
