package main

import (
	"context"
	"errors"
	"time"
)

// arrivals is an open loop: starts arrive at a constant rate, whatever becomes
// of those before them. Each is timed from the moment at which it was to be
// sent, so that a server which holds the clients up does not hide it. Without a
// rate it is a closed loop: each client sends its next start when the one before
// is answered.
type arrivals struct {
	clients  []*thin // a start waits for one that is free
	rate     float64 // in a second
	duration time.Duration
}

// arrivalGrace is how long after their time starts are still sent that wait for a
// free client. The others never are: on a machine that cannot even refuse them
// all, there would be no end to it.
const arrivalGrace = time.Second

// arrivalTick is how often starts are released while nothing is answered. Within
// it they come in a bunch.
const arrivalTick = time.Millisecond

// reception is what became of starts that arrived.
type reception struct {
	accepted, refused []time.Duration // how long their answers took
	at                []time.Duration // of the accepted ones: when they were to be sent
	unsent            int             // starts that found no free client
	elapsed           time.Duration
	server, clients   time.Duration // processor time that they took
}

// each returns the part of a time that one answer has, in microseconds.
func (r reception) each(d time.Duration) float64 {
	return float64(d.Microseconds()) / float64(len(r.accepted)+len(r.refused))
}

func (r reception) goodput() float64 { return float64(len(r.accepted)) / r.elapsed.Seconds() }

// drive lets starts arrive, until all of them are answered.
func (a arrivals) drive(ctx context.Context) (r reception, err error) {
	c, err := newCrew(a.clients)
	if err != nil {
		return r, err
	}
	defer c.close()
	began := time.Now()
	s := schedule{arrivals: a}
	take := func(at time.Duration, v verdict) {
		took := time.Since(began) - at
		if v == refused {
			r.refused = append(r.refused, took)
			return
		}
		r.accepted, r.at = append(r.accepted, took), append(r.at, at)
	}
	for ctx.Err() == nil {
		now := time.Since(began)
		for len(c.free) > 0 {
			at, due := s.next(now)
			if !due {
				break
			}
			if err := c.send(at); err != nil {
				return r, err
			}
		}
		switch idle := len(c.free) == len(a.clients); {
		case idle && s.over(now):
			r.unsent, r.elapsed = s.left(), now
			return r, nil
		case now > a.duration+patience:
			return r, errors.New("not all starts were answered")
		}
		if err := c.receive(arrivalTick, take); err != nil {
			return r, err
		}
	}
	return r, ctx.Err()
}

// schedule says when starts are to be sent, one after another.
type schedule struct {
	arrivals
	sent int
}

// at is when the start of a number is to be sent.
func (s *schedule) at(number int) time.Duration {
	return time.Duration(float64(number) / s.rate * float64(time.Second))
}

// next returns when the next start was to be sent, if that is not later than now.
func (s *schedule) next(now time.Duration) (at time.Duration, due bool) {
	if s.rate == 0 {
		return now, now < s.duration
	}
	at = s.at(s.sent)
	if at > now || s.over(now) {
		return 0, false
	}
	s.sent++
	return at, true
}

// over reports whether no more starts are sent.
func (s *schedule) over(now time.Duration) bool {
	if s.rate == 0 {
		return now >= s.duration
	}
	return s.at(s.sent) >= s.duration || now > s.duration+arrivalGrace
}

// left returns how many were not sent.
func (s *schedule) left() int {
	n := 0
	for s.rate > 0 && s.at(s.sent+n) < s.duration {
		n++
	}
	return n
}
