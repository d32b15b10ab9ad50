package store

import (
	"context"

	"heddle/internal/journal"
)

// InvocationID is the 128-bit number of an asynchronous invocation. Ids made
// later compare greater.
type InvocationID [16]byte

// InvocationStatus says how an asynchronous invocation stands. The words are
// those of the published API.
type InvocationStatus string

// The statuses of an invocation. The last three are final.
const (
	InvocationWaiting   InvocationStatus = "WAIT"
	InvocationRunning   InvocationStatus = "RUNNING"
	InvocationSucceeded InvocationStatus = "SUCCESS"
	InvocationFailed    InvocationStatus = "FAIL"
	InvocationDiscarded InvocationStatus = "DISCARD"
)

// Invocation is an asynchronous invocation of a function.
type Invocation struct {
	ID        InvocationID
	Function  FunctionID
	Qualifier string // the version or the alias, as the caller named it
	Event     string // JSON text; "" once the status is final, and in lists
	Status    InvocationStatus
	CreatedAt journal.Millis
	Due       journal.Millis // when it is claimed next: its turn, or the end of its claim
	Attempt   int            // how often it was claimed
	Failures  int            // how many of its attempts failed in a way that counts
	EndedAt   journal.Millis // 0 until the status is final
	ErrorCode int            // 0 if no attempt has failed
	Error     string
}

// Claim says what a node wants to carry out.
type Claim struct {
	Node   string
	Now    journal.Millis
	Until  journal.Millis // when what is claimed is due again
	Limit  int
	Except []FunctionID // of which the node wants none
}

// Claimed is an invocation that a node has in hand.
type Claimed struct {
	Invocation
	Name FunctionName
}

// Settlement says what has become of an attempt. An invocation that waits again
// has InvocationWaiting and a Due.
type Settlement struct {
	ID        InvocationID
	Attempt   int
	Status    InvocationStatus
	Due       journal.Millis
	Failures  int
	EndedAt   journal.Millis
	ErrorCode int
	Error     string
}

// Invocations keeps asynchronous invocations until they have been carried out,
// and what became of them for some time after. Times are those of the callers:
// a node whose clock is ahead takes over early, and an invocation may then be
// carried out by two. Only the last attempt to be claimed can be settled.
type Invocations interface {
	// AddInvocation stores an invocation that waits. It returns ErrNotFound if the
	// function is not there any more, and ErrFull if waitingMax of them wait for
	// the function already.
	AddInvocation(ctx context.Context, inv Invocation, waitingMax int) error
	// ClaimInvocations gives a node invocations that are due, in the order in which
	// they became due. They run from then on. Each claim counts the attempt up.
	ClaimInvocations(ctx context.Context, c Claim) ([]Claimed, error)
	// KeepInvocations puts off when some of the invocations that run on a node are
	// due. It leaves alone those that do not.
	KeepInvocations(ctx context.Context, node string, ids []InvocationID, until journal.Millis) error
	// ReleaseInvocations makes all that run on a node wait again, due at once: for
	// a node that has just started, or is about to stop. It returns how many.
	ReleaseInvocations(ctx context.Context, node string, now journal.Millis) (int64, error)
	// SettleInvocations stores what became of attempts, all at once. Those that are
	// not the last attempt of an invocation that runs change nothing.
	SettleInvocations(ctx context.Context, all []Settlement) error
	// NextInvocation returns when the next invocation is due of a function that is
	// not excepted, or false.
	NextInvocation(ctx context.Context, except []FunctionID) (journal.Millis, bool, error)
	// ListInvocations returns a page of a function's invocations, newest first,
	// without their events, and the number of all that match. Of the page, only
	// Offset and Limit count.
	ListInvocations(ctx context.Context, f InvocationFilter, page Page) ([]Invocation, int64, error)
	// ExpireInvocations removes up to limit invocations that ended before a time,
	// or whose function is deleted. It reports whether there may be more.
	ExpireInvocations(ctx context.Context, endedBefore journal.Millis, limit int) (more bool, err error)
}

// InvocationFilter chooses invocations of one function. Empty fields choose all.
type InvocationFilter struct {
	Function FunctionID
	ID       *InvocationID
	Statuses []InvocationStatus
	From, To journal.Millis // of CreatedAt, both included; To 0 is no end
}
