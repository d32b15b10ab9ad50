// Package engine runs executions. It claims the shards of a store, loads
// executions, asks the machine what follows from what happened, commits that,
// and only then carries it out: it calls functions, waits for the time at which
// a state is due, and answers whoever started or stopped an execution.
//
// One turn of an execution goes like this, and in no other order:
//
//  1. The execution is in memory, or is loaded: the fold of its journal.
//  2. The machine decides, on a copy, what follows from the inputs at hand.
//  3. The records, the head and the wake-up time are committed in one
//     transaction, together with the turns of other executions.
//  4. The copy becomes the execution; answers are given; calls that it now
//     awaits are begun, those that it no longer awaits are cut off.
//
// If step 3 fails, the copy is dropped. If it is not known whether it has failed,
// so is the execution, and its journal says what there is: the inputs are decided
// anew on top of that. An execution with nothing in hand leaves memory; the store
// knows when it is due.
//
// What decides about a turn is an Execution, which is synchronous and plain: a
// simulation drives the same code without goroutines. The Engine is the shell
// around it, which moves messages, drafts and work, and waits.
//
// The engine decides nothing about graphs (the machine does) and knows no SQL
// and no HTTP: functions are called through its own small interface.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"heddle/internal/admission"
	"heddle/internal/alarm"
	"heddle/internal/journal"
	"heddle/internal/machine"
	"heddle/internal/store"
)

// Config says how an engine works. Every limit and every duration but Retention
// is above 0.
type Config struct {
	Region        string         // of the URNs it makes
	Node          string         // the name under which it holds leases
	LeaseDuration time.Duration  // how long a lease lasts; it is renewed at a third of it
	DrainDuration time.Duration  // how long calls in flight may go on after the end of Run's context
	Retention     time.Duration  // how long executions are kept once they have ended; 0: until their graph is deleted
	Machine       machine.Limits // of every execution

	Open      admission.Room   // executions in motion, held in memory; a start beyond is refused
	Starts    admission.Room   // starts on their way to the disk; a start beyond is refused
	StartWait time.Duration    // how long a start waits for its commit to begin; then it is refused
	Calls     admission.Limits // calls of functions in flight; others wait for their turn
}

// The engine's own refusals. Besides them its methods return the store's errors.
var (
	ErrOverloaded = errors.New("the engine is overloaded")                // nothing happened; try later
	ErrShareUsed  = errors.New("the project has used its share")          // the same, for this project alone
	ErrDraining   = errors.New("the engine is starting or shutting down") // nothing happened; try later
	ErrEnded      = machine.ErrEnded
	ErrKeyReused  = errors.New("the idempotency key was used for another request")
)

// Engine runs the executions of a store.
type Engine struct {
	cfg       Config
	store     store.Store
	functions Invoker
	log       *slog.Logger

	graphs    *graphs
	commits   *committer
	alarm     *alarm.Alarm
	watchers  watchers
	offers    offers
	open      *admission.Gate      // to executions in motion
	starts    *admission.Gate      // to the turnstile
	turns     *admission.Turnstile // to the committer
	calls     *admission.Queue     // of functions
	memory    *memory
	refused   refusals
	reach     reach
	purgeable chan struct{} // has a token if there is something to purge
	draining  chan struct{} // closed once no new work is taken

	mu      sync.Mutex
	running map[store.Key]*resident // those in memory; guarded by mu
	aside   map[store.Key]aside     // those that cannot be run; guarded by mu
	leases  []store.Lease           // by shard; guarded by mu

	state   atomic.Int32    // of the engine: one of the phases
	work    sync.WaitGroup  // every goroutine that works on an execution
	calling context.Context // of calls; ends when calls are cut off
	hangUp  context.CancelFunc
	failed  chan error // the first reason why the engine must not go on
}

// The phases of an engine.
const (
	phaseNew int32 = iota
	phaseReady
	phaseDraining
)

// New returns an engine that does nothing until Run.
func New(cfg Config, st store.Store, functions Invoker, log *slog.Logger) *Engine {
	e := &Engine{
		cfg: cfg, store: st, functions: functions, log: log,
		graphs:    newGraphs(st, cfg.Region, cfg.Machine),
		memory:    newMemory(),
		alarm:     alarm.New(),
		reach:     newReach(),
		open:      admission.NewGate(cfg.Open),
		starts:    admission.NewGate(cfg.Starts),
		turns:     admission.NewTurnstile(startsAtOnce),
		purgeable: make(chan struct{}, 1),
		draining:  make(chan struct{}),
		running:   map[store.Key]*resident{},
		aside:     map[store.Key]aside{},
		failed:    make(chan error, 1),
	}
	e.commits = newCommitter(st, cfg.Starts.Max, e.reach.doubt, log)
	e.calling, e.hangUp = context.WithCancel(context.Background())
	e.calls = admission.NewQueue(cfg.Calls, e.callApart)
	return e
}

// Run claims the store, goes on with what was left, and works until ctx ends;
// then it finishes what can be finished, gives the leases back and returns nil.
// It returns an error if it must not go on: the store has stopped, or another
// node took over. Run is called once.
func (e *Engine) Run(ctx context.Context) error {
	defer e.hangUp()
	if err := e.claim(ctx); err != nil {
		return err
	}
	loops, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	group.Go(func() { e.renew(loops) })
	group.Go(func() { e.keepTime(loops) })
	group.Go(func() { e.purge(loops) })
	group.Go(func() { e.reportRefusals(loops) })
	committing, stopCommitting := context.WithCancel(context.Background())
	var committer sync.WaitGroup
	committer.Go(func() { e.commits.run(committing) })

	e.state.CompareAndSwap(phaseNew, phaseReady)
	e.log.Info("the engine is ready", "node", e.cfg.Node, "shards", len(e.leases))
	var err error
	select {
	case <-ctx.Done():
	case err = <-e.failed:
	}
	e.Drain()
	stop()
	group.Wait()
	e.finish(err)
	stopCommitting()
	committer.Wait()
	if err != nil {
		return fmt.Errorf("run engine: %w", err)
	}
	e.release()
	return nil
}

// finish waits for the work in hand. Calls may go on for a while unless the
// engine has failed; then they are cut off, and made again at the next start.
func (e *Engine) finish(failure error) {
	if failure == nil {
		patience := time.AfterFunc(e.cfg.DrainDuration, e.hangUp)
		defer patience.Stop()
	} else {
		e.hangUp()
	}
	e.work.Wait()
}

// Drain refuses new starts from now on, and begins no further calls.
func (e *Engine) Drain() {
	if e.state.Swap(phaseDraining) != phaseDraining {
		close(e.draining)
		e.calls.Close()
	}
}

// Ready returns nil if the engine can take work, ErrDraining, or
// store.ErrUnavailable while a commit does not come to its end or the store does
// not answer, as far as is known: that is asked again, at most once a second.
func (e *Engine) Ready() error {
	if err := e.takesWork(); err != nil {
		return err
	}
	e.reach.doubt()
	return e.reach.err()
}

// takesWork is Ready for those who find out by themselves whether the store
// answers.
func (e *Engine) takesWork() error {
	if e.state.Load() != phaseReady {
		return ErrDraining
	}
	return e.commits.stalled()
}

func (e *Engine) isDraining() bool { return e.state.Load() == phaseDraining }

// fail makes Run return: the engine must not go on.
func (e *Engine) fail(err error) {
	select {
	case e.failed <- err:
	default:
	}
}

// now is the time as records carry it.
func now() journal.Millis { return journal.Millis(time.Now().UnixMilli()) }
