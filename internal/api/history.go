package api

import (
	"context"
	"slices"
	"strconv"
	"time"

	"heddle/internal/journal"
)

// waitMax is how long a history may wait, or a worker for work: long enough to make polling cheap,
// short enough for the timeouts of usual proxies.
const waitMax = 20 * time.Second

type historyAnswer struct {
	Count      int             `json:"count"`
	Records    []historyRecord `json:"state_history"`
	NextMarker string          `json:"next_marker,omitempty"`
}

func (a *API) history(ctx context.Context, r *request) (any, error) {
	u, err := a.executionURN(r)
	if err != nil {
		return nil, err
	}
	q, err := r.query()
	if err != nil {
		return nil, err
	}
	p, err := q.page(codeStart, codeLimit)
	if err != nil {
		return nil, err
	}
	marker, err := p.record()
	if err != nil {
		return nil, err
	}
	wait, err := r.wait(p)
	if err != nil {
		return nil, err
	}
	x, err := a.run(ctx, u)
	if err != nil {
		return nil, err
	}
	if wait > 0 && len(x.records) <= marker && !x.ended() {
		waiting, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		a.engine.Await(waiting, x.head.Key, journal.Seq(marker))
		if x, err = a.run(ctx, u); err != nil {
			return nil, err
		}
	}
	return historyPage(x, p, marker), nil
}

// record returns the record that the marker of a history names, or 0.
func (p page) record() (int, error) {
	if p.marker == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(p.marker)
	if err != nil || n < 0 {
		return 0, refuseMarker(p.marker)
	}
	return n, nil
}

// wait returns how long the call may wait for a record after the marker.
func (r *request) wait(p page) (time.Duration, error) {
	wait, err := r.waitSeconds(0)
	if err == nil && r.Header.Get(waitHeader) != "" && (!p.ascending || p.marker == "") {
		err = refuse(codeParameter, "%s needs order=asc and a marker, the record after which to wait", waitHeader)
	}
	return wait, err
}

const waitHeader = "X-Heddle-Wait-Seconds"

// waitSeconds returns how long a call may wait for what it asks for.
func (r *request) waitSeconds(missing time.Duration) (time.Duration, error) {
	text := r.Header.Get(waitHeader)
	if text == "" {
		return missing, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > int(waitMax.Seconds()) {
		return 0, refuse(codeParameter, "%s must be a whole number from 0 to %d, not %q", waitHeader, waitMax/time.Second, text)
	}
	return time.Duration(seconds) * time.Second, nil
}

// historyPage shows a part of an execution's journal.
func historyPage(x run, p page, marker int) historyAnswer {
	n := len(x.records)
	first, last := p.span(marker, n)
	answer := historyAnswer{Count: n, Records: historyRecords(x.records, first, last)}
	if p.ascending {
		// Whoever follows an execution needs the marker also at the present end.
		if last < n || !x.ended() {
			answer.NextMarker = strconv.Itoa(last)
		}
		return answer
	}
	slices.Reverse(answer.Records)
	if 1 < first && first <= last {
		answer.NextMarker = strconv.Itoa(first)
	}
	return answer
}

// span returns the first and the last record of the page, in the order of the
// journal, which has n. No record is on the page if first is above last.
func (p page) span(marker, n int) (first, last int) {
	marker = min(marker, n+1)
	if p.ascending {
		first = p.start
		if p.marker != "" {
			first = marker + 1
		}
		return first, min(first+p.limit-1, n)
	}
	last = n - p.start + 1
	if p.marker != "" {
		last = marker - 1
	}
	return max(last-p.limit+1, 1), last
}
