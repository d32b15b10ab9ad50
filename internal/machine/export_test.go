package machine

// Exported returns the execution without what it keeps for speed only.
func Exported(x Execution) Execution {
	x.elements = nil
	return x
}
