package process_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"heddle/internal/function"
	"heddle/internal/function/process"
)

// counting returns which instance answers, and how many calls it has had. It
// answers when the caller has had as many instances as it wants at a time.
const counting = `
import os, time
n = 0
def handler(event, context):
    global n
    n += 1
    time.sleep(event)
    return [os.environ["HEDDLE_CELL"].split("-")[-1], n]
`

func TestInstancesAreReused(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{})
	s := spec("Python", counting)
	first := g.invoke(s, `0`)
	if first.Failure != nil {
		t.Fatal(first.Failure.Text())
	}
	for n := 2; n < 5; n++ {
		checkOutput(t, g.invoke(s, `0`), fmt.Sprintf("%s, %d]", first.Output[:len(first.Output)-len(", 1]")], n))
	}
}

// instances makes calls at a time and returns how many instances answered.
func instances(g *rig, s function.Spec, calls int) int {
	seen := make(map[string]bool)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			got := g.invoke(s, `0.3`)
			mu.Lock()
			defer mu.Unlock()
			if got.Failure != nil {
				g.t.Error(got.Failure.Text())
			}
			seen[got.Output[:len(got.Output)-len(", 1]")]] = true
		})
	}
	all.Wait()
	return len(seen)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{InstancesMax: 4, FunctionInstancesMax: 3})
	s := spec("Python", counting)
	if n := instances(g, s, 9); n < 2 || n > 3 {
		t.Errorf("%d instances, want 3 at most", n)
	}
	one := spec("Python", counting)
	one.InstancesMax = 1
	if n := instances(g, one, 3); n != 1 {
		t.Errorf("%d instances, want 1", n)
	}
	// Idle instances of the others make room.
	for range 4 {
		checkOutput(t, g.invoke(spec("Python", good), `1`), `1`)
	}
}

func TestAChangeBringsNewInstances(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{})
	old := spec("Python", "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'old'")
	checkOutput(t, g.invoke(old, `0`), `"old"`)
	changed := old
	changed.Revision = revisions.Add(1)
	changed.Digest += "changed"
	changed.Code = func(context.Context) ([]byte, error) {
		return []byte("def handler(event, context): return 'new'"), nil
	}
	var call sync.WaitGroup
	call.Go(func() { checkOutput(t, g.invoke(old, `0.5`), `"old"`) })
	checkOutput(t, g.invoke(changed, `0`), `"new"`)
	call.Wait() // it was let finish
	checkOutput(t, g.invoke(changed, `0`), `"new"`)
	checkOutput(t, g.invoke(old, `0`), `"old"`) // who has found it before the change
}

func TestIdleInstancesEnd(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{IdleDuration: time.Millisecond})
	s := spec("Python", "import os, subprocess\nsubprocess.Popen(['sleep', '617'])\ndef handler(event, context): return 1")
	checkOutput(t, g.invoke(s, `0`), `1`)
	await(t, func() bool { return !running(t, "617") })
	checkOutput(t, g.invoke(s, `0`), `1`)
}

// TestCalledOff ends the caller's context.
func TestCalledOff(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	g := newRig(t, process.Config{})
	s := spec("Python", "import time\ndef handler(event, context): time.sleep(event)")
	checkOutput(t, g.invoke(s, `0`), `null`)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	checkFailure(t, g.r.Invoke(ctx, s, request(`600`)), function.FunctionStageOtherErrors, "called off")
	checkOutput(t, g.invoke(s, `0`), `null`)
}

// TestRunEndsCalls ends a runtime while a call is in it.
func TestRunEndsCalls(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	var call sync.WaitGroup
	defer call.Wait()
	t.Run("run", func(t *testing.T) {
		g := newRig(t, process.Config{})
		s := spec("Python", "import time\ndef handler(event, context):\n    print('here')\n    time.sleep(event)")
		call.Go(func() {
			if got := g.r.Invoke(context.Background(), s, request(`600`)); got.Failure == nil {
				t.Error("the call has ended well")
			}
		})
		lines, err := g.logs.Read(context.Background(), function.LogName(s.Project, s.Package, s.Name), 0, 1, time.Minute)
		if err != nil || len(lines) != 1 || lines[0].Text != "here" {
			t.Errorf("the log has %v, %v", lines, err)
		}
	})
}
