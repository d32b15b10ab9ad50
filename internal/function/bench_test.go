package function_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"heddle/internal/function"
)

// BenchmarkInvoke calls a function in the same process, so that a part of what
// it measures is the server's.
func BenchmarkInvoke(b *testing.B) {
	url := serve(b, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `{"greeting":"hello"}`)
	})
	for name, async := range map[string]bool{"sync": false, "async": true} {
		b.Run(name, func(b *testing.B) {
			r := newRegistry(b, function.Config{}, url)
			call := request()
			call.Async = async
			b.ReportAllocs()
			b.RunParallel(func(loop *testing.PB) {
				for loop.Next() {
					if got := r.Invoke(context.Background(), call); got.Failure != nil {
						b.Error(got.Failure.Message)
					}
				}
			})
		})
	}
}
