package simulation_test

import (
	"slices"
	"testing"

	"heddle/internal/engine"
	"heddle/internal/journal"
	"heddle/internal/store"
)

// mutant is a fault of the product, played where the simulation moves what the
// product says: the invariants must find each.
type mutant string

const (
	acknowledgedTooEarly mutant = "a start is acknowledged before its commit"
	afterNotCompared     mutant = "a commit does not compare the last record"
	secondStart          mutant = "a start after an unknown outcome makes a second execution"
	epochNotChecked      mutant = "a commit does not check the epoch"
	effectLeftOut        mutant = "a result is used without an effect"
	invocationIDReused   mutant = "a retry has the invocation id of another attempt"
	timerForgotten       mutant = "what waits is forgotten in a crash"
	inHandForgotten      mutant = "what is in hand is not taken up after a crash"
	staleAccepted        mutant = "an answer that is not awaited is taken for another"
	wakeWrong            mutant = "the head says a wrong wake-up time"
	commitDropped        mutant = "a commit is answered and dropped"
	napForgotten         mutant = "a nap that ended too early is not begun again"

	doubtTakenForRefusal   mutant = "an unknown outcome is taken for a refusal"
	doubtfulStartForgotten mutant = "a start whose outcome is unknown is not looked for"
	doubtfulTurnForgotten  mutant = "an execution whose turn has an unknown outcome is not looked for"
	doubtfulTurnRepeated   mutant = "a turn whose outcome is unknown is stored once more"
	answeredAskedAgain     mutant = "after an unknown outcome calls are made again before a look"
	doubtfulStartMet       mutant = "an event is taken to have started what is in doubt"
	lookTooEarly           mutant = "a store is read while it is not settled what it has"

	deferralForgotten  mutant = "the word that a result comes later is forgotten"
	reportTooEarly     mutant = "a report is acknowledged before its commit"
	reportTakenAgain   mutant = "a report that is not awaited is acknowledged"
	deferredCalledAnew mutant = "a call whose result comes later is made again"

	tickNotCompared  mutant = "a start by a timer does not compare what has become of the timer"
	movedOnBefore    mutant = "a timer is moved on before the start is stored"
	movedOnAfter     mutant = "a timer is moved on once the start has been acknowledged"
	firedEarly       mutant = "a timer fires early"
	firedForgotten   mutant = "a timer that is started again forgets what it has fired"
	missedForgotten  mutant = "missed fire times that are to be made up for are not"
	skippedMadeUpFor mutant = "missed fire times that are not to be made up for are"

	namesForgotten              mutant = "what was accepted is forgotten in a restart"
	deliveredTwice              mutant = "an event that is delivered again is taken for another"
	discardedTooEarly           mutant = "an event is removed before it is handed on"
	firstPageOnly               mutant = "an event is delivered to the first page of those who wait"
	firstOnly                   mutant = "of several events only the first is delivered"
	sinceForgotten              mutant = "an event is delivered to those who were started after it"
	waitsForgotten              mutant = "what an execution waits for is not stored"
	eventStartsTwice            mutant = "an event that is handed on again starts another execution"
	messageAcknowledgedTooEarly mutant = "a message is acknowledged before its commit"
	doubtfulMessageRepeated     mutant = "a message whose outcome is unknown is brought again"
)

var mutants = []mutant{
	acknowledgedTooEarly, afterNotCompared, secondStart, epochNotChecked, effectLeftOut, invocationIDReused,
	timerForgotten, inHandForgotten, staleAccepted, wakeWrong, commitDropped,
	napForgotten, doubtTakenForRefusal, doubtfulStartForgotten, doubtfulTurnForgotten, doubtfulTurnRepeated,
	answeredAskedAgain, doubtfulStartMet, lookTooEarly,
	deferralForgotten, reportTooEarly, reportTakenAgain, deferredCalledAnew,
	tickNotCompared, movedOnBefore, movedOnAfter, firedEarly, firedForgotten, missedForgotten, skippedMadeUpFor,
	namesForgotten, deliveredTwice, discardedTooEarly, firstPageOnly, firstOnly, sinceForgotten, waitsForgotten,
	eventStartsTwice, messageAcknowledgedTooEarly, doubtfulMessageRepeated,
}

// commit is the store's, with what the mutant makes of it.
func (m mutant) commit(s *simulation, turns []store.Turn) []store.Outcome {
	turns = slices.Clone(turns)
	for i := range turns {
		switch t := &turns[i]; m {
		case afterNotCompared:
			if head, _, err := s.store.Load(background, t.Head.Key); err == nil && t.After != 0 {
				t.After = head.Seq
				t.Head.Seq = max(t.Head.Seq, head.Seq+1)
			}
		case epochNotChecked:
			t.Lease.Epoch = s.ghost.epoch
		case tickNotCompared:
			if t.Tick != nil {
				t.Tick = s.anyRevision(*t.Tick)
			}
		case wakeWrong:
			if t.Head.Wake > store.Now {
				t.Head.Wake += 1_000
			}
		case waitsForgotten:
			if s.chance.IntN(10) == 0 {
				t.Waits = nil
			}
		case commitDropped:
			if s.chance.IntN(10) == 0 {
				return make([]store.Outcome, len(turns))
			}
		}
	}
	outcomes, err := s.store.Commit(background, turns)
	if err != nil {
		panic(err)
	}
	return outcomes
}

// anyRevision returns a tick of the revision that its timer has.
func (s *simulation) anyRevision(tick store.Tick) *store.Tick {
	for _, t := range s.timers {
		if t.row.ID == tick.Timer {
			row, _ := s.store.TimerByName(background, "p1", s.graphs[t.row.Graph].Name, t.row.Name)
			tick.Revision = row.Revision
		}
	}
	return &tick
}

// look returns the messages of a turn whose outcome is unknown that need
// another one, and does before it what the mutant does.
func (m mutant) look(n *node, x *resident, d engine.Draft, again []engine.Message) []engine.Message {
	switch m {
	case doubtfulTurnForgotten:
		return nil
	case doubtfulTurnRepeated:
		head, _, err := n.sim.store.Load(background, x.Key)
		if err == nil && head.Status == journal.Running {
			d.Turn.Head.Seq += head.Seq - d.Turn.After
			d.Turn.After = head.Seq
			n.sim.apply([]pending{{turn: d.Turn}})
		}
	case answeredAskedAgain:
		for _, c := range x.calls {
			n.sim.calls.begin(n, x, c.Call)
		}
	}
	return again
}

// TestMutants plants each mutant and runs seeds until an invariant is broken.
func TestMutants(t *testing.T) {
	t.Parallel()
	const seeds = 1_000
	for _, m := range mutants {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(seeds) {
				if r := run(plan{seed: seed, executions: executions, mutant: m}); r.failure != "" {
					t.Logf("seed %d: %s", seed, r.failure)
					return
				}
			}
			t.Errorf("%d seeds do not notice that %s", seeds, m)
		})
	}
}
