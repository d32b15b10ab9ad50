// Package process runs functions on this machine, each in processes of its own:
// in Node.js and Python as installed here, and as a program that the code brings
// along (Custom).
//
// A function has instances. Each is a confined process that serves one call at a
// time and is kept for the next. They are started when calls wait, up to limits,
// and ended when they are idle, when the function changes, when a call in them
// takes too long or is called off, and when they misbehave. What goes wrong in an
// instance is a failure of the call in it and of no other.
//
// The package knows calls and not where they come from. It keeps the logs of
// functions and nothing else.
package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/archive"
	"heddle/internal/function/confine"
	"heddle/internal/function/logbook"
)

// Config says how functions run.
type Config struct {
	Directory            string          // for code and cells; absolute
	Hidden               string          // directory that functions must not see; "" for none
	UIDFirst             int             // of the users that instances run as, when this process is root; 1,900,000,000 if 0
	UIDs                 int             // how many such users; 1,000 if 0
	Network              confine.Network // what functions reach
	Outside              confine.Dial    // makes their connections, where that is confine.OutwardNetwork
	ResultBytes          int             // of a result; 256 KiB if 0
	InstancesMax         int             // of all functions; 32 if 0
	FunctionInstancesMax int             // of one version of a function; 8 if 0
	IdleDuration         time.Duration   // after which an instance without calls is ended; 5 minutes if 0
}

func (c Config) withDefaults() Config {
	c.ResultBytes = cmp.Or(c.ResultBytes, 256<<10)
	c.InstancesMax = cmp.Or(c.InstancesMax, 32)
	c.FunctionInstancesMax = cmp.Or(c.FunctionInstancesMax, 8)
	c.IdleDuration = cmp.Or(c.IdleDuration, 5*time.Minute)
	return c
}

const (
	// readyPatience bounds how long an instance may take to be ready for calls,
	// in addition to what the initializer of the function may take.
	readyPatience = 30 * time.Second
	// endPatience is what an instance that is not needed any more gets for
	// ending by itself.
	endPatience = time.Second
)

// Runtime runs functions on this machine. It is a function.Runtime.
type Runtime struct {
	cfg          Config
	confiner     *confine.Confiner
	code         *archive.Cache
	interpreters interpreters
	logs         *logbook.Book
	log          *slog.Logger

	pools pools
}

var _ function.Runtime = (*Runtime)(nil)

// New returns a runtime that does nothing until Run. It fails where functions
// cannot be confined as they should be.
func New(cfg Config, logs *logbook.Book, log *slog.Logger) (*Runtime, error) {
	cfg = cfg.withDefaults()
	confiner, err := confine.New(confine.Config{
		Directory: cfg.Directory, Hidden: cfg.Hidden, UIDFirst: cfg.UIDFirst, UIDs: cfg.UIDs,
		Network: cfg.Network, Outside: cfg.Outside,
	})
	if err != nil {
		return nil, err
	}
	code, err := archive.NewCache(confiner.CodeDirectory())
	if err != nil {
		return nil, err
	}
	r := &Runtime{
		cfg: cfg, confiner: confiner, code: code, logs: logs, log: log,
	}
	r.interpreters.find = r.findInterpreters
	r.pools = pools{max: cfg.InstancesMax, maxEach: cfg.FunctionInstancesMax, idle: cfg.IdleDuration, births: make(chan *pool, cfg.InstancesMax)}
	return r, nil
}

// Run starts and ends instances until ctx ends. Then it ends all of them, and
// the calls that are still in them: whoever wants those to end well waits first.
// A nil Runtime runs nothing.
func (r *Runtime) Run(ctx context.Context) error {
	if r == nil {
		<-ctx.Done()
		return nil
	}
	living, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	starting, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var starter, instances sync.WaitGroup
	starter.Go(func() { r.confiner.Run(starting) })
	r.log.Info("functions run on this machine", "isolation", r.confiner.Isolation().String())
	for ctx.Err() == nil {
		select {
		case p := <-r.pools.births:
			instances.Go(func() { r.live(living, p) })
		case <-ctx.Done():
		}
	}
	r.pools.close()
	defer time.AfterFunc(endPatience, kill).Stop()
	instances.Wait()
	stop()
	starter.Wait()
	return archive.Remove(r.confiner.CodeDirectory())
}

// Isolation says how far functions are confined.
func (r *Runtime) Isolation() confine.Isolation { return r.confiner.Isolation() }

// Check implements function.Runtime. It unpacks nothing.
func (r *Runtime) Check(ctx context.Context, s function.Spec) error {
	l, err := r.languageOf(ctx, s.Runtime)
	if err != nil {
		return err
	}
	var problems []error
	if l.handler {
		problems = append(problems, checkHandler("handler", s.Handler))
		if s.InitializerHandler != "" {
			problems = append(problems, checkHandler("initializer_handler", s.InitializerHandler))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	code, err := s.Code(ctx)
	if err != nil {
		return fmt.Errorf("read the code: %w", err)
	}
	if s.CodeType == function.CodeInline {
		return l.checkInline(string(code))
	}
	a, err := archive.Open(code)
	if err != nil {
		return err
	}
	return l.checkFiles(s, a)
}

// Invoke implements function.Runtime.
func (r *Runtime) Invoke(ctx context.Context, s function.Spec, request function.Request) function.Result {
	request.CallbackURL = "" // for those that can answer that they will answer later
	timeout := request.Timeout
	if s.Timeout > 0 {
		timeout = min(timeout, s.Timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	i, failure := r.pools.acquire(ctx, s)
	if failure != nil {
		if ctx.Err() != nil {
			failure = cutOff(ctx, timeout, "no instance of the function was free for it")
		}
		return function.Result{Failure: failure}
	}
	result, healthy := i.serve(ctx, request, timeout)
	r.pools.release(i, healthy)
	return result
}

// cutOff is the failure of a call whose context has ended.
func cutOff(ctx context.Context, timeout time.Duration, why string) *function.Failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failed(function.Timeout, "the call took longer than its timeout of %v: %s", timeout, why)
	}
	return failed(function.FunctionStageOtherErrors, "the call was called off")
}

func failed(name, format string, arguments ...any) *function.Failure {
	return function.Failed(name, format, arguments...).Failure
}
