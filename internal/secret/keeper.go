package secret

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Holder keeps what a box has sealed.
type Holder interface {
	// Sealed counts what is kept by the key under which it is sealed.
	Sealed(ctx context.Context) (map[KeyName]int, error)
	// Reseal seals anew what is not sealed under the first key of the box, piece
	// by piece, and leaves alone what the box cannot open. It returns how much
	// that was, also with an error.
	Reseal(ctx context.Context) (int, error)
}

// Keeper takes care that nothing stays sealed under a key that is to be removed. It
// notices a key file that was changed, and seals anew what is sealed under others
// than its first key. A crash at any moment leaves pieces under one key and pieces
// under another, and the file has both.
type Keeper struct {
	box     *Box
	holders []NamedHolder
	log     *slog.Logger
	rotated chan struct{} // has room for one
}

// NamedHolder is a holder, with a name for what it keeps.
type NamedHolder struct {
	Name string
	Holder
}

// NewKeeper returns a keeper of all that a box has sealed.
func NewKeeper(box *Box, log *slog.Logger, holders ...NamedHolder) *Keeper {
	return &Keeper{box: box, holders: holders, log: log, rotated: make(chan struct{}, 1)}
}

const (
	// lookInterval is how soon a changed file is noticed.
	lookInterval = time.Second
	// passInterval is how often it is looked again for what is sealed under old
	// keys, as long as there are any: what was read before a change of the first
	// key may be stored after it.
	passInterval = time.Minute
)

// Run keeps until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	looks := time.NewTicker(lookInterval)
	defer looks.Stop()
	due := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.rotated:
			due = time.Now()
		case <-looks.C:
			changed, err := k.box.look(func(gone []KeyName) error { return k.needed(ctx, gone) })
			switch {
			case err != nil:
				k.log.Error("the changed key file is not taken", "file", k.box.path, "error", err)
			case changed:
				k.log.Info("the key file was changed", "file", k.box.path)
				due = time.Now()
			}
		}
		if !time.Now().Before(due) {
			k.pass(ctx)
			due = time.Now().Add(passInterval)
		}
	}
}

// needed returns an error if something is sealed under one of the keys.
func (k *Keeper) needed(ctx context.Context, gone []KeyName) error {
	status, err := k.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range status.Keys {
		if s.Count() > 0 && slices.Contains(gone, s.Name) {
			return fmt.Errorf("it lacks the key %s, under which %d secrets are sealed: put it back behind the first one", s.Name, s.Count())
		}
	}
	return nil
}

// pass seals anew all that is sealed under old keys.
func (k *Keeper) pass(ctx context.Context) {
	keys, err := k.box.Keys()
	if err != nil || len(keys) < 2 {
		return
	}
	for _, h := range k.holders {
		n, err := h.Reseal(ctx)
		if n > 0 {
			k.log.Info("secrets were sealed anew", "kind", h.Name, "count", n, "key", keys[0].String())
		}
		if err != nil && ctx.Err() == nil {
			k.log.Error("secrets cannot be sealed anew", "kind", h.Name, "error", err)
		}
	}
}

// Rotate puts a new key before the others, and has all be sealed anew under it.
func (k *Keeper) Rotate() (KeyName, error) {
	name, err := k.box.Rotate()
	if err != nil {
		return name, err
	}
	k.log.Info("a new key seals from now on", "key", name.String())
	select {
	case k.rotated <- struct{}{}:
	default:
	}
	return name, nil
}

// Status says what is sealed under which key.
type Status struct {
	Place string // where the keys are
	Keys  []KeyStatus
}

// KeyStatus says what is sealed under a key.
type KeyStatus struct {
	Name   KeyName
	Known  bool           // the box has it
	Seals  bool           // it is the first
	Sealed map[string]int // by the name of the holder
}

// Count returns how much is sealed under the key.
func (s KeyStatus) Count() (n int) {
	for _, count := range s.Sealed {
		n += count
	}
	return n
}

// Status counts what is sealed: first under the keys of the box, in their order,
// then under others.
func (k *Keeper) Status(ctx context.Context) (Status, error) {
	names, err := k.box.Keys()
	if err != nil {
		return Status{}, err
	}
	status := Status{Place: k.box.place()}
	for i, name := range names {
		status.Keys = append(status.Keys, KeyStatus{Name: name, Known: true, Seals: i == 0, Sealed: map[string]int{}})
	}
	for _, h := range k.holders {
		counts, err := h.Sealed(ctx)
		if err != nil {
			return Status{}, fmt.Errorf("count what is sealed of %s: %w", h.Name, err)
		}
		for name, count := range counts {
			i := slices.IndexFunc(status.Keys, func(s KeyStatus) bool { return s.Name == name })
			if i < 0 {
				i = len(status.Keys)
				status.Keys = append(status.Keys, KeyStatus{Name: name, Sealed: map[string]int{}})
			}
			status.Keys[i].Sealed[h.Name] += count
		}
	}
	return status, nil
}

// Check returns an error if something is sealed under a key that the box has not.
func (k *Keeper) Check(ctx context.Context) error {
	status, err := k.Status(ctx)
	if err != nil {
		return err
	}
	var problems []error
	for _, s := range status.Keys {
		for kind, n := range s.Sealed {
			if !s.Known && n > 0 {
				problems = append(problems, fmt.Errorf("%d %s are sealed under the key %s, which is not in %s", n, kind, s.Name, status.Place))
			}
		}
	}
	return errors.Join(problems...)
}
