package main

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

// plan says how much is measured.
type plan struct {
	clients  []int         // that call at the same time
	rounds   int           // of which the medians are reported
	duration time.Duration // of the calls of one round
	warmUp   time.Duration // before them
	waiting  []int         // executions that wait while memory is read
	pause    time.Duration // before memory is read
	due      int           // executions that are due at the same moment
	stored   int           // finished executions in the large store
	lists    int           // calls of each kind of list
	only     []string      // names of measures; empty: all
}

// fillClients make the executions that must be there before a measure.
const fillClients = 64

func defaultPlan() plan {
	return plan{
		clients:  []int{1, 16, 64, 256},
		rounds:   3,
		duration: 2 * time.Second,
		warmUp:   500 * time.Millisecond,
		waiting:  []int{100_000},
		pause:    20 * time.Second,
		due:      100_000,
		lists:    50,
	}
}

// shorten makes a plan for a first look, whose figures are rough.
func (p *plan) shorten() {
	p.rounds = 1
	p.duration = 500 * time.Millisecond
	p.warmUp = 200 * time.Millisecond
	p.waiting = []int{20_000}
	p.pause = 3 * time.Second
	p.due = 10_000
	p.lists = 10
}

// The sizes of the large store, unless -stored says another.
const (
	storedDefault = 1_000_000
	storedQuick   = 20_000
)

// waitingFull is what -full adds.
const waitingFull = 1_000_000

func planFromFlags(args []string) (p plan, jsonFile string, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "shorter runs and small stores: about a minute, rough figures")
	full := flags.Bool("full", false, fmt.Sprintf("measure %d waiting executions too", waitingFull))
	stored := flags.Int("stored", 0, fmt.Sprintf("finished executions in the large store (default %d, quick %d)", storedDefault, storedQuick))
	only := flags.String("only", "", "measures to take, separated by commas: "+strings.Join(measureNames(), ", "))
	flags.StringVar(&jsonFile, "json", "", "write the figures to this file too")
	if err := flags.Parse(args); err != nil {
		return plan{}, "", err
	}
	p = defaultPlan()
	p.stored = storedDefault
	if *quick {
		p.shorten()
		p.stored = storedQuick
	}
	if *full {
		p.waiting = append(p.waiting, waitingFull)
	}
	if *stored > 0 {
		p.stored = *stored
	}
	if *only != "" {
		p.only = strings.Split(*only, ",")
	}
	return p, jsonFile, p.check(flags.Args())
}

func (p plan) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument %q", rest[0])
	}
	known := strings.Join(measureNames(), " ")
	for _, name := range p.only {
		if !strings.Contains(" "+known+" ", " "+name+" ") {
			return fmt.Errorf("-only: %q is none of the measures: %s", name, known)
		}
	}
	return nil
}
