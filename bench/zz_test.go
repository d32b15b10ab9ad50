package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

type anyCaller struct {
	*thin
	index    int
	acc, ref *int64
}

func (c anyCaller) call(_ context.Context, number int64) (sample, error) {
	v, err := c.start(c.index, number)
	if v == accepted {
		*c.acc++
	} else {
		*c.ref++
		time.Sleep(10 * time.Millisecond)
	}
	return sample{answer: 1}, err
}
func (anyCaller) settle(context.Context) error { return nil }

func TestZZ(t *testing.T) {
	ctx := context.Background()
	p := defaultPlan()
	b, err := newBench(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}
	go web.Serve(l)
	defer web.Close()
	b.functions.url = "http://" + l.Addr().String()
	s, err := b.newServer(ctx, nil, oneCall)
	if err != nil {
		t.Fatal(err)
	}
	defer s.remove()
	empty, _ := s.resident()
	n := 64
	var acc, ref [64]int64
	clients := make([]*thin, n)
	for i := range clients {
		clients[i], err = newThin(s.url, oneCall)
		if err != nil {
			t.Fatal(err)
		}
	}
	var a, r int64
	for range 12 {
		_, err := load{clients: n, duration: 2 * time.Second}.drive(ctx, func(i int) (caller, error) {
			return anyCaller{clients[i], i, &acc[i], &ref[i]}, err
		})
		a, r = 0, 0
		for i := range acc {
			a += acc[i]
			r += ref[i]
		}
		rss, _ := s.resident()
		fmt.Println(err, "accepted", a, "refused", r, "rss MiB", rss>>20, "of empty", empty>>20)
		if r > 1000 {
			break
		}
	}
	time.Sleep(5 * time.Second)
	rss, _ := s.resident()
	threads, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	fmt.Println("at rest rss MiB", rss>>20, len(threads))
}
