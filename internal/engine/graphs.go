package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"heddle/internal/definition"
	"heddle/internal/machine"
	"heddle/internal/store"
	"heddle/internal/urn"
)

// Graph is a revision of a graph, compiled.
type Graph struct {
	store.Graph        // as of this revision
	Region      string // of the URNs of its executions
	Machine     machine.Machine
	Triggers    map[string]store.TriggerID // of the definition, by their URNs
}

func (g *Graph) urnOf(head store.Head) urn.Execution {
	return urn.Execution{
		Region: g.Region, Project: g.Project, Graph: g.Name,
		Name: head.Name, ID: fmt.Sprintf("%x", head.ID[:]),
	}
}

// changed returns what an execution waits for outside after a turn, or nil if
// that is what it has waited for before.
func (g *Graph) changed(before, after machine.Execution, outstanding machine.Outstanding) *store.Waits {
	waits := g.waits(after, outstanding)
	if slices.Equal(waits, g.waits(before, g.Machine.Outstanding(before))) {
		return nil
	}
	return &waits
}

// waits returns what an execution waits for. A trigger that has been deleted has
// no more events.
func (g *Graph) waits(x machine.Execution, o machine.Outstanding) (waits store.Waits) {
	for _, trigger := range o.Events {
		if id, ok := g.Triggers[trigger]; ok {
			waits = append(waits, store.Wait{Trigger: id})
		}
	}
	for _, trigger := range o.Offers {
		if id, ok := g.Triggers[trigger]; ok {
			waits = append(waits, store.Wait{Trigger: id, Offered: x.Entered})
		}
	}
	return waits
}

// graphs keeps compiled graphs in memory: the current ones by name, since
// every start needs one, and revisions, which never change.
type graphs struct {
	store  definitions
	region string
	limits machine.Limits

	mu         sync.RWMutex
	current    map[graphName]*Graph     // guarded by mu
	revisions  map[graphRevision]*Graph // guarded by mu
	generation int                      // counts changes, so that nothing read before one is kept after it; guarded by mu
}

// definitions is where graphs come from.
type definitions interface {
	store.Graphs
	TriggerByURN(ctx context.Context, project, urn string) (store.Trigger, error)
}

type graphName struct{ project, name string }

type graphRevision struct {
	id       store.GraphID
	revision int
}

// graphsMax bounds what is kept. Who has more live graphs than that reads some
// again.
const graphsMax = 4096

func newGraphs(st definitions, region string, limits machine.Limits) *graphs {
	return &graphs{
		store: st, region: region, limits: limits,
		current:   map[graphName]*Graph{},
		revisions: map[graphRevision]*Graph{},
	}
}

// byName returns the current revision of a project's graph.
func (c *graphs) byName(ctx context.Context, project, name string) (*Graph, error) {
	c.mu.RLock()
	g, generation := c.current[graphName{project, name}], c.generation
	c.mu.RUnlock()
	if g != nil {
		return g, nil
	}
	row, err := c.store.GraphByName(ctx, project, name)
	if err != nil {
		return nil, fmt.Errorf("find graph %s: %w", name, err)
	}
	if g, err = c.compile(ctx, row); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation == generation {
		keep(c.current, graphName{project, name}, g)
		keep(c.revisions, graphRevision{g.ID, g.Revision}, g)
	}
	return g, nil
}

// byRevision returns a revision of a graph that is not deleted.
func (c *graphs) byRevision(ctx context.Context, id store.GraphID, revision int) (*Graph, error) {
	c.mu.RLock()
	g, generation := c.revisions[graphRevision{id, revision}], c.generation
	c.mu.RUnlock()
	if g != nil {
		return g, nil
	}
	row, err := c.store.GraphByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find graph: %w", err)
	}
	row.Revision = revision
	if g, err = c.compile(ctx, row); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation == generation {
		keep(c.revisions, graphRevision{id, revision}, g)
	}
	return g, nil
}

func (c *graphs) compile(ctx context.Context, row store.Graph) (*Graph, error) {
	stored, err := c.store.Definition(ctx, row.ID, row.Revision)
	if err != nil {
		return nil, fmt.Errorf("read revision %d of graph %s: %w", row.Revision, row.Name, err)
	}
	d, problems := definition.Parse(stored.Text)
	if len(problems) > 0 {
		return nil, fmt.Errorf("revision %d of graph %s is not a definition any more: %s: %s", row.Revision, row.Name, problems[0].Code, problems[0].Message)
	}
	g := &Graph{Graph: row, Region: c.region, Machine: machine.Machine{Definition: d, Limits: c.limits}}
	g.Triggers, err = c.triggers(ctx, row.Project, d)
	return g, err
}

// triggers returns the triggers that a definition names, as far as they are
// there: an old revision may name one that has been deleted since.
func (c *graphs) triggers(ctx context.Context, project string, d *definition.Definition) (map[string]store.TriggerID, error) {
	ids := map[string]store.TriggerID{}
	for _, urn := range d.Triggers() {
		t, err := c.store.TriggerByURN(ctx, project, urn)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find trigger %s: %w", urn, err)
		}
		ids[urn] = t.ID
	}
	return ids, nil
}

// forget drops what is kept about a graph. It comes after a change has been, or
// may have been, stored and before that is said.
func (c *graphs) forget(project, name string, id store.GraphID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.current, graphName{project, name})
	for k := range c.revisions {
		if k.id == id {
			delete(c.revisions, k)
		}
	}
}

// keep adds to a cache, which is emptied when it is full: simpler than an
// order of use, and as good as long as nearly everything fits.
func keep[K comparable](cache map[K]*Graph, key K, g *Graph) {
	if len(cache) >= graphsMax {
		clear(cache)
	}
	cache[key] = g
}

// CreateGraph stores a new graph. It returns store.ErrExists if the project
// has one of that name.
func (e *Engine) CreateGraph(ctx context.Context, project, name, description string, d *definition.Definition) (store.Graph, error) {
	at := now()
	g := store.Graph{
		Project: project, Name: name, Description: description,
		CreatedAt: at, ModifiedAt: at, Revision: 1,
	}
	id, err := e.store.CreateGraph(ctx, g, d.Text, referencesOf(d))
	if err != nil {
		return store.Graph{}, e.admit(fmt.Errorf("create graph %s: %w", name, err))
	}
	g.ID = id
	e.graphs.forget(project, name, id)
	return g, nil
}

// UpdateGraph gives a graph a new definition. Executions that run keep theirs.
func (e *Engine) UpdateGraph(ctx context.Context, project, name string, d *definition.Definition) (store.Graph, error) {
	g, err := e.store.GraphByName(ctx, project, name)
	if err != nil {
		return store.Graph{}, fmt.Errorf("update graph %s: %w", name, err)
	}
	g.ModifiedAt = now()
	g.Revision, err = e.store.UpdateGraph(ctx, g.ID, d.Text, referencesOf(d), g.ModifiedAt)
	e.graphs.forget(project, name, g.ID) // also if it failed: the outcome may be unknown
	if err != nil {
		return store.Graph{}, e.admit(fmt.Errorf("update graph %s: %w", name, err))
	}
	return g, nil
}

// DeleteGraph deletes a graph with all its executions: they are hidden at
// once, those that run are cut off, and the store is cleaned up behind them.
func (e *Engine) DeleteGraph(ctx context.Context, project, name string) error {
	g, err := e.store.GraphByName(ctx, project, name)
	if err != nil {
		return fmt.Errorf("delete graph %s: %w", name, err)
	}
	err = e.store.DeleteGraph(ctx, g.ID, now())
	e.graphs.forget(project, name, g.ID) // also if it failed: the outcome may be unknown
	if err != nil {
		return e.admit(fmt.Errorf("delete graph %s: %w", name, err))
	}
	e.cutOffAll(g.ID)
	e.purgeSoon()
	return nil
}

func referencesOf(d *definition.Definition) store.References {
	return store.References{Functions: d.Functions(), Triggers: d.Triggers()}
}

// admit makes the engine stop if an error says that it must.
func (e *Engine) admit(err error) error {
	if MustStop(err) {
		e.fail(err)
	}
	return err
}
