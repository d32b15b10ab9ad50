//go:build !linux

package main

import (
	"errors"
	"time"
)

// crew is only on Linux, like all else that is measured.
type crew struct{ free []*thin }

func newCrew([]*thin) (*crew, error) { return nil, errors.New("this measure needs Linux") }

func (*crew) close() {}

func (*crew) send(time.Duration) error { return nil }

func (*crew) receive(time.Duration, func(time.Duration, verdict)) error { return nil }

func alone() setup { return setup{} }

func pinSelf() (back func(), pinned bool, err error) { return func() {}, false, nil }
