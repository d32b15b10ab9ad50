// Package storetest is the suite that every store passes: one test for each
// promise in package store. It knows the stores by that package's interfaces
// only.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"heddle/internal/journal"
	"heddle/internal/store"
)

// Opener opens the store that is kept at dir, a directory of the test's own.
// The first time there is none and it is empty; later times it holds what was
// committed before it was closed.
type Opener func(t *testing.T, dir string) store.Store

// Run runs the suite, each test on a store of its own.
func Run(t *testing.T, open Opener) {
	tests := []struct {
		name string
		run  func(*fixture)
	}{
		{"graphs are found by name and id", testFindGraph},
		{"a project has one graph of a name", testGraphExists},
		{"an update adds a revision", testUpdateGraph},
		{"a definition may be large", testLargeDefinition},
		{"a deleted graph is hidden and its name free", testDeleteGraph},
		{"a deleted graph's executions are hidden", testDeleteGraphHidesExecutions},
		{"purge goes step by step", testPurge},
		{"purge removes expired keys only", testPurgeKeys},

		{"turns are read back", testTurns},
		{"the first turn decides what stays", testHeadKeeps},
		{"turns are refused for the first reason", testRefusals},
		{"a refused turn leaves the others alone", testRefusalsAreAlone},
		{"a commit of nothing succeeds", testCommitNothing},
		{"two graphs may have executions of one id", testSameID},
		{"records may be large", testLargeRecords},
		{"records are copied", testRecordsCopied},
		{"of writers that race one wins", testRace},
		{"executions are counted exactly", testCount},
		{"a commit is seen by the next read", testReadYourWrites},
		{"what was committed survives", testReopen},

		{"a key starts once", testKey},
		{"a key counts within a commit", testKeyInBatch},
		{"a key counts until it expires", testKeyExpires},
		{"a key of a refused start is free", testKeyRefused},

		{"executions that ended long ago expire", testExpire},
		{"expiring goes step by step", testExpireInSteps},
		{"expiring leaves the young alone", testExpireYoung},
		{"an execution stays as long as its key", testExpireKeyed},

		{"due executions come in order", testDue},
		{"due executions follow their last turn", testDueMoves},
		{"the next wake-up is found", testNextWake},

		{"arrivals are accepted once", testAccept},
		{"arrivals are named for a time", testAcceptNames},
		{"of equal arrivals that race one is accepted", testAcceptRace},
		{"events that are to be handed on are counted", testBacklogs},
		{"purge removes names and events that are left", testPurgeInbox},

		{"executions wait for events from when they say so", testWaits},
		{"offers come oldest first", testOffers},
		{"a trigger that is awaited stays", testAwaitedTrigger},
		{"executions of a deleted graph wait for nothing", testWaitsOfDeleted},

		{"a lease is taken once", testAcquire},
		{"a lease that ran out is taken over", testTakeOver},
		{"a lease is renewed while it is current", testRenew},
		{"a released lease is over", testRelease},
		{"epochs grow across restarts", testEpochsGrow},

		{"graphs are listed", testListGraphs},
		{"graphs are listed by what they name", testListGraphsByReference},
		{"executions are listed", testListExecutions},
		{"executions are listed by prefix", testListByPrefix},
		{"executions are listed by prefix, few of many", testListFewOfMany},
		{"executions are listed by prefix, many of them", testListMany},

		{"triggers are found by URN and UUID", testFindTrigger},
		{"a trigger is there once", testTriggerExists},
		{"triggers are found by what they watch", testTriggersOf},
		{"triggers are listed", testListTriggers},
		{"a trigger that is named stays", testNamedTrigger},
		{"a trigger is not named while it is deleted", testNamedInARace},
		{"mappings are kept", testMappings},
		{"mappings are refused", testMappingRefusals},

		{"functions are found by name", testFindFunction},
		{"a project has one function of a name", testFunctionExists},
		{"an update takes the place of the latest version", testUpdateLatest},
		{"settings change one after the other", testSettings},
		{"a published version stays", testPublish},
		{"a deleted function is gone, and its name free", testDeleteFunction},
		{"configurations are listed over all functions, and rewritten in place", testVersionConfigs},
		{"functions are listed", testListFunctions},
		{"code may be large", testLargeCode},
		{"functions survive", testFunctionsSurvive},

		{"invocations are claimed when they are due", testClaim},
		{"functions are excepted from a claim", testClaimExcept},
		{"so many invocations wait for a function", testWaitingInvocations},
		{"a node keeps and releases what it runs", testKeepAndRelease},
		{"the last attempt is settled", testSettle},
		{"invocations are listed", testListInvocations},
		{"invocations that ended long ago expire", testExpireInvocations},
		{"invocations survive", testInvocationsSurvive},

		{"timers are kept", testTimers},
		{"a timer is changed as it was seen", testChangeTimer},
		{"timers go with their graph", testTimersGoWithTheirGraph},
		{"a graph has so many timers", testTimersInARace},
		{"due timers come in order", testDueTimers},
		{"a fire time starts once", testTick},
		{"a refused start leaves its timer due", testTickRefused},
		{"a fire time starts once in a race", testTickInARace},
		{"fire times are skipped", testSkipTimers},

		{"quotas are kept", testQuota},
		{"quotas hold in a race", testQuotaInARace},

		{"projects are known", testProjects},
		{"users are kept with their grants", testUsers},
		{"keys stand for users", testKeys},
		{"tokens stand for users for a while", testTokens},

		{"the audit log is a chain", testAudit},
		{"the audit log is a chain in a race", testAuditInARace},
		{"the audit log is listed", testListAudit},
		{"the audit log has long texts", testAuditOfLongTexts},

		{"an ended context ends every call", testContext},
		{"an ended context ends every call on functions", testFunctionContext},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(newFixture(t, open))
		})
	}
}

// fixture is a store under test, with a lease of its first shard.
type fixture struct {
	*testing.T
	open  Opener
	dir   string
	store store.Store
	lease store.Lease
}

func newFixture(t *testing.T, open Opener) *fixture {
	f := &fixture{T: t, open: open, dir: t.TempDir()}
	f.store = open(t, f.dir)
	t.Cleanup(func() {
		if err := f.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	f.acquire()
	return f
}

// acquire takes the first shard, as a node does when it starts.
func (f *fixture) acquire() {
	f.Helper()
	lease, err := f.store.Acquire(f.Context(), 0, "node", time.Hour)
	f.no(err)
	f.lease = lease
}

// reopen closes the store and opens what is there.
func (f *fixture) reopen() {
	f.Helper()
	f.no(f.store.Close())
	f.store = f.open(f.T, f.dir)
}

// no fails the test if there is an error.
func (f *fixture) no(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// want fails the test if the error is another one.
func (f *fixture) want(err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Errorf("got error %v, want %v", err, want)
	}
}

const project = "0123456789abcdef0123456789abcdef"

// graph makes a graph that names nothing.
func (f *fixture) graph(name string) store.GraphID {
	f.Helper()
	return f.graphNaming(name, store.References{})
}

func (f *fixture) graphNaming(name string, refs store.References) store.GraphID {
	f.Helper()
	id, err := f.store.CreateGraph(f.Context(),
		store.Graph{Project: project, Name: name, CreatedAt: 1000}, `{"states":[]}`, refs)
	f.no(err)
	return id
}

// id makes ids that grow with n.
func id(n int) (id store.ExecutionID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// first makes the turn that creates execution n of a graph, running and with
// work in hand, with one record.
func (f *fixture) first(graph store.GraphID, n int) store.Turn {
	return store.Turn{
		Lease: f.lease,
		Head: store.Head{
			Key:       store.Key{Graph: graph, ID: id(n)},
			Name:      fmt.Sprintf("execution-%d", n),
			Revision:  1,
			Seq:       1,
			Status:    journal.Running,
			StartedAt: journal.Millis(n),
		},
		Records: fmt.Appendf(nil, "started %d", n),
	}
}

// next makes the turn that follows another with one record.
func next(t store.Turn, records string) store.Turn {
	t.After = t.Head.Seq
	t.Head.Seq++
	t.Records = []byte(records)
	t.Key = nil
	return t
}

// commit commits turns of which each may be refused.
func (f *fixture) commit(turns ...store.Turn) []store.Outcome {
	f.Helper()
	outcomes, err := f.store.Commit(f.Context(), turns)
	f.no(err)
	if len(outcomes) != len(turns) {
		f.Fatalf("%d outcomes of %d turns", len(outcomes), len(turns))
	}
	return outcomes
}

// stored commits turns of which none may be refused.
func (f *fixture) stored(turns ...store.Turn) {
	f.Helper()
	for i, o := range f.commit(turns...) {
		if o.Err != nil {
			f.Fatalf("turn %d: %v", i, o.Err)
		}
	}
}

// executions starts executions from to from+n-1 of a graph.
func (f *fixture) executions(graph store.GraphID, from, n int) {
	f.Helper()
	var turns []store.Turn
	for i := range n {
		turns = append(turns, f.first(graph, from+i))
	}
	f.stored(turns...)
}

// holds fails the test unless the execution has the head of the turn and the
// records.
func (f *fixture) holds(last store.Turn, records ...string) {
	f.Helper()
	head, got, err := f.store.Load(f.Context(), last.Head.Key)
	f.no(err)
	if head != last.Head {
		f.Errorf("head\n got %+v\nwant %+v", head, last.Head)
	}
	if text := fmt.Sprintf("%q", got); text != fmt.Sprintf("%q", records) {
		f.Errorf("records\n got %s\nwant %q", text, records)
	}
}

// absent fails the test if the execution can be loaded.
func (f *fixture) absent(key store.Key) {
	f.Helper()
	_, _, err := f.store.Load(f.Context(), key)
	f.want(err, store.ErrNotFound)
}

// cancelled returns a context that has ended.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
