package process_test

import (
	"testing"

	"heddle/internal/function/process"
)

// BenchmarkInvoke calls a function in an instance that is there.
func BenchmarkInvoke(b *testing.B) {
	need(b, "node")
	need(b, "python3")
	for _, runtime := range []string{"Node.js", "Python"} {
		b.Run(runtime, func(b *testing.B) {
			g := newRig(b, process.Config{})
			s := spec("Python", good)
			if runtime == "Node.js" {
				s = spec("Node.js", "exports.handler = async (event) => event")
			}
			for range 100 {
				checkOutput(b, g.invoke(s, `1`), `1`)
			}
			b.ReportAllocs()
			for b.Loop() {
				if got := g.invoke(s, `1`); got.Failure != nil {
					b.Fatal(got.Failure.Text())
				}
			}
		})
	}
}
