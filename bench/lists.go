package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"heddle/internal/client"
)

// list is how long one kind of list call takes.
type list struct {
	Name  string    `json:"name"`
	Query string    `json:"query"`
	Count int64     `json:"count"` // of the executions that match; the answer must say just that
	Time  quantiles `json:"time"`
}

// span is a range of numbers, both ends included, all of which belong to
// executions of one server.
type span struct{ first, last int64 }

// lists measures the list calls of the pass graph, whose executions have the
// numbers of the span.
func (b *bench) lists(ctx context.Context, s *server, all span) ([]list, error) {
	newest, err := s.api.Executions(ctx, graphURN(pass), client.ListQuery{Limit: 1})
	if err != nil {
		return nil, err
	}
	size := all.last - all.first + 1
	prefixed := func(name string, number int64, digits int) list {
		number = min(max(number, all.first), all.last)
		return list{Name: name, Query: "name=" + prefix(number, digits), Count: all.block(number, digits)}
	}
	lists := []list{
		{Name: "first page of 10", Count: size},
		{Name: "first page of 1,000", Query: "limit=1000", Count: size},
		{Name: "page of 10 at start=1000", Query: "start=1000", Count: size},
		{Name: "prefix of one name in a thousand", Query: "name=" + rareName, Count: all.rare()},
		prefixed("prefix of up to 1,000 names, new ones", all.last-1000, 3),
		prefixed("prefix of up to 100,000 names, new ones", all.last-100_000, 5),
		prefixed("prefix of up to 100,000 names, old ones", all.first+99_999, 5),
		{Name: "prefix of nearly all names", Query: "name=" + usualName, Count: size - all.rare()},
		{Name: "by URN", Query: "execution_urn=" + newest.Executions[0].URN, Count: 1},
	}
	for i := range lists {
		if err := b.timeList(ctx, s, &lists[i]); err != nil {
			return nil, fmt.Errorf("list, %s: %w", lists[i].Name, err)
		}
	}
	return lists, nil
}

// timeList makes the call again and again and checks what it counts.
func (b *bench) timeList(ctx context.Context, s *server, l *list) error {
	request, err := newRequest(http.MethodGet, s.url+"/v1.0/"+project+"/cloud_graphs/"+graphURN(pass)+"/executions?"+l.Query)
	if err != nil {
		return err
	}
	times := make([]time.Duration, b.plan.lists)
	var answer bytes.Buffer
	for i := range times {
		began := time.Now()
		if err := s.wire.send(ctx, request, nil, &answer); err != nil {
			return err
		}
		times[i] = time.Since(began)
	}
	l.Time = quantilesOf(times)
	var page struct{ Count int64 }
	if err := json.Unmarshal(answer.Bytes(), &page); err != nil {
		return err
	}
	if page.Count != l.Count {
		return fmt.Errorf("%d executions match, and the answer counts %d", l.Count, page.Count)
	}
	return nil
}

// The names of executions: usually one prefix and the number, for one in a
// thousand another prefix. All have the same length, so that what is left of a
// name without its last digits chooses a power of ten of them.
const (
	usualName = "run-"
	rareName  = "odd-"
	rareEvery = 1000
	numberMin = 1_000_000_000
)

func executionName(number int64) string {
	name := usualName
	if number%rareEvery == 0 {
		name = rareName
	}
	return fmt.Sprint(name, numberMin+number)
}

// prefix returns the usual name of the number without its last digits.
func prefix(number int64, digits int) string {
	return fmt.Sprint(usualName, (numberMin+number)/power(digits))
}

func power(digits int) int64 { return int64(math.Pow10(digits)) }

// rare counts the executions of the span with a rare name.
func (s span) rare() int64 { return s.last/rareEvery - (s.first-1)/rareEvery }

// block counts the executions of the span whose names have the prefix.
func (s span) block(number int64, digits int) int64 {
	begin := number - number%power(digits)
	in := span{max(s.first, begin), min(s.last, begin+power(digits)-1)}
	return in.last - in.first + 1 - in.rare()
}
