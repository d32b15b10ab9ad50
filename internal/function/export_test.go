package function

// Control is what a dialer asks before it connects.
func Control(r Reach, address string) error { return r.control("tcp", address, nil) }
