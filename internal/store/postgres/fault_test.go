package postgres_test

import (
	"context"
	"errors"
	"testing"

	"heddle/internal/store"
	"heddle/internal/store/postgres/proxytest"
)

// throughProxy returns a node that reaches the database through a proxy.
func throughProxy(t *testing.T, settings ...string) (*database, proxy, *node) {
	t.Helper()
	d := newDatabase(t)
	p := newProxy(t)
	cfg := d.config("a")
	cfg.URL = p.url(t, d, settings...)
	return d, p, newNode(t, cfg).prepare()
}

func TestLostAnswerOfCommit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fate   proxytest.Fate
		stored bool
	}{
		"before the server": {proxytest.CutBefore, false},
		"on the way back":   {proxytest.CutAfter, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, p, n := throughProxy(t)
			p.all(test.fate)
			for number := range byte(10) {
				want(t, n.start(number), store.ErrOutcomeUnknown)
			}
			p.all(proxytest.Pass)
			n.passes(100) // the store goes on, after what it had left behind
			for number := range byte(10) {
				if n.has(number) != test.stored {
					t.Errorf("execution %d: stored is %v", number, !test.stored)
				}
			}
		})
	}
}

// A doubt does not last: what reads after it waits until there is none.
func TestADoubtIsSettledBeforeItIsLookedAt(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"COMMIT arrives": true, "COMMIT never arrives": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := "idle_in_transaction_session_timeout=1min"
			if !stored {
				limit = "idle_in_transaction_session_timeout=100ms"
			}
			d, p, n := throughProxy(t, limit)
			p.all(proxytest.Late)
			want(t, n.start(1), store.ErrOutcomeUnknown)
			p.all(proxytest.Pass)
			found := make(chan error)
			go func() {
				_, _, err := n.Load(t.Context(), n.key(1))
				found <- err
			}()
			if stored {
				d.waits(t)
				p.LetGo()
			}
			if err := <-found; stored && err != nil || !stored && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			n.passes(2)
		})
	}
}

// A server that answers COMMIT by a serialization failure has rolled back.
func TestACommitThatIsRolledBackIsRepeated(t *testing.T) {
	t.Parallel()
	d, _, n := throughProxy(t)
	d.exec(t, "CREATE SEQUENCE tries")
	d.exec(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('tries') < 3 THEN
				RAISE EXCEPTION 'try again' USING ERRCODE = 'serialization_failure';
			END IF;
			RETURN NULL;
		END $$`)
	d.exec(t, `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON executions
		DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
	n.passes(1)
}

func TestServerAwayAndBack(t *testing.T) {
	t.Parallel()
	_, p, n := throughProxy(t)
	n.passes(1)
	p.SetDown(true)
	p.Cut()
	want(t, n.start(2), store.ErrUnavailable)
	want(t, n.Renew(t.Context(), n.lease, 1), store.ErrUnavailable)
	_, _, err := n.Load(t.Context(), n.key(1))
	want(t, err, store.ErrUnavailable)
	_, err = n.GraphByID(t.Context(), n.graph)
	want(t, err, store.ErrUnavailable)

	p.SetDown(false)
	if n.has(2) {
		t.Error("what was refused is stored")
	}
	n.passes(2)
}

// Sessions are terminated while turns are committed. None that was acknowledged
// is lost, none that was refused is there, and the store heals.
func TestTerminatedBackends(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	n := newNode(t, d.config("a")).prepare()
	const starts = 200
	results := make(chan error, starts)
	go func() {
		defer close(results)
		for number := range byte(starts) {
			results <- n.start(number)
		}
	}()
	var number byte
	var acknowledged int
	for err := range results {
		if number%5 == 0 {
			d.terminate(t)
		}
		switch stored := n.eventuallyHas(number); {
		case err == nil && !stored:
			t.Errorf("start %d was acknowledged and is lost", number)
		case errors.Is(err, store.ErrUnavailable) && stored:
			t.Errorf("start %d was refused and is there", number)
		case err == nil:
			acknowledged++
		case !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrOutcomeUnknown):
			t.Errorf("start %d: %v", number, err)
		}
		number++
	}
	t.Logf("%d of %d starts were acknowledged", acknowledged, starts)
	n.passes(starts)
}

// eventuallyHas looks for an execution while sessions are terminated.
func (n *node) eventuallyHas(number byte) bool {
	n.Helper()
	for {
		_, _, err := n.Load(n.Context(), n.key(number))
		switch {
		case err == nil, errors.Is(err, store.ErrNotFound):
			return err == nil
		case !errors.Is(err, store.ErrUnavailable):
			n.Fatal(err)
		}
	}
}

// locked holds the row of the only graph until it is released.
func (d *database) locked(t *testing.T) (release func()) {
	t.Helper()
	d.exec(t, "BEGIN")
	d.exec(t, "SELECT * FROM graphs FOR UPDATE")
	return func() {
		t.Helper()
		d.exec(t, "ROLLBACK")
	}
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"lock_timeout=20ms", "statement_timeout=20ms"} {
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			d, _, n := throughProxy(t, limit)
			release := d.locked(t)
			want(t, n.start(1), store.ErrUnavailable)
			release()
			n.passes(1)
		})
	}
}

func TestContextEndsWaiting(t *testing.T) {
	t.Parallel()
	d, _, n := throughProxy(t)
	release := d.locked(t)
	ctx, cancel := context.WithCancel(t.Context())
	deleted := make(chan error)
	go func() { deleted <- n.DeleteGraph(ctx, n.graph, 1) }()
	d.waits(t)
	cancel()
	want(t, <-deleted, context.Canceled)
	release()
	n.passes(1)
}

// The end of a context does not touch a COMMIT that is on its way.
func TestContextLeavesCommit(t *testing.T) {
	t.Parallel()
	_, p, n := throughProxy(t)
	ctx, cancel := context.WithCancel(t.Context())
	arrived, released := p.holdNext()
	committed := make(chan error)
	go func() {
		_, err := n.Commit(ctx, []store.Turn{n.turn(1)})
		committed <- err
	}()
	<-arrived
	cancel()
	close(released)
	if err := <-committed; err != nil || !n.has(1) {
		t.Errorf("got %v, stored %v", err, n.has(1))
	}
}

// A deadlock with another program is begun again.
func TestDeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	// PostgreSQL looks for a deadlock once in a wait: late enough for the other
	// program to be in it, and before the wait times out.
	d, _, n := throughProxy(t, "deadlock_timeout=1s")
	d.exec(t, "SET deadlock_timeout = '1min'") // the store is the one to give way
	release := d.locked(t)
	started := make(chan error)
	go func() { started <- n.start(1) }()
	d.waits(t) // for the graph, with the lease in hand
	d.exec(t, "SELECT * FROM leases FOR UPDATE")
	release()
	if err := <-started; err != nil {
		t.Error(err)
	}
}
