package block

import (
	"context"
	"errors"
	"log/slog"

	"heddle/internal/store"
)

// Blocks is what a Keeper needs of a store. Each method is one transaction.
type Blocks interface {
	// Unsurveyed returns the graphs that have closed blocks which are not surveyed.
	Unsurveyed(ctx context.Context) ([]store.GraphID, error)
	// UnsurveyedOf returns those blocks of a graph.
	UnsurveyedOf(ctx context.Context, graph store.GraphID) ([]int64, error)
	// Open returns a graph's open block and how many executions it has, or
	// store.ErrNotFound.
	Open(ctx context.Context, graph store.GraphID) (number, executions int64, err error)
	// Close closes a graph's open block by opening the next, if it is the given
	// one. It waits for whoever is adding to it.
	Close(ctx context.Context, graph store.GraphID, number int64) error
	// Survey looks at a block, and returns the number of its changes up to then.
	Survey(ctx context.Context, graph store.GraphID, number int64) (s Survey, changes int64, err error)
	// Keep keeps what a survey has found, if nothing has changed since; a block
	// that was found to be empty is removed.
	Keep(ctx context.Context, graph store.GraphID, number int64, s Survey, changes int64) error
}

// Keeper closes and surveys the blocks of a store.
type Keeper struct {
	starts
	blocks Blocks
	size   int64
	log    *slog.Logger
}

// NewKeeper returns a keeper of blocks of that size, which does nothing until Run.
func NewKeeper(blocks Blocks, size int64, log *slog.Logger) *Keeper {
	return &Keeper{newStarts(size / 4), blocks, size, log}
}

// Size returns how many executions make a block full.
func (k *Keeper) Size() int64 { return k.size }

// Sparse returns how many executions a surveyed block must have to stay alone: with
// fewer, it is joined with another. Else, where some executions go on for long
// and most are removed soon, every block would stay for the sake of a few.
func (k *Keeper) Sparse() int64 { return k.size / 8 }

// Run keeps blocks until ctx ends: first those that a former run has left, then
// those of the graphs that are to be looked at. What fails is done at the next
// occasion.
func (k *Keeper) Run(ctx context.Context) {
	k.report(ctx, k.surveyLeft(ctx))
	for {
		select {
		case graph := <-k.due:
			k.report(ctx, k.Keep(ctx, graph))
		case <-ctx.Done():
			return
		}
	}
}

func (k *Keeper) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		k.log.Warn("the blocks of executions are not up to date, and lists may be slow", "error", err)
	}
}

func (k *Keeper) surveyLeft(ctx context.Context) error {
	graphs, err := k.blocks.Unsurveyed(ctx)
	for _, graph := range graphs {
		if err := k.survey(ctx, graph); err != nil {
			return err
		}
	}
	return err
}

// Keep closes a graph's open block if it is full, and surveys what is closed.
func (k *Keeper) Keep(ctx context.Context, graph store.GraphID) error {
	number, executions, err := k.blocks.Open(ctx, graph)
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was deleted
	}
	if err == nil && executions >= k.size {
		err = k.blocks.Close(ctx, graph, number)
	}
	if err != nil {
		return err
	}
	return k.survey(ctx, graph)
}

// survey surveys the closed blocks of a graph. It reads beside whoever writes.
func (k *Keeper) survey(ctx context.Context, graph store.GraphID) error {
	numbers, err := k.blocks.UnsurveyedOf(ctx, graph)
	for _, number := range numbers {
		s, changes, err := k.blocks.Survey(ctx, graph, number)
		if err == nil {
			err = k.blocks.Keep(ctx, graph, number, s, changes)
		}
		if err != nil {
			return err
		}
	}
	return err
}
