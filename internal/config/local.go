package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// RunsFunctions reports whether functions may run on this machine.
func (c Config) RunsFunctions() bool {
	return c.Local.Functions == "on" || c.Local.Functions == "auto" && c.Loopback()
}

// LocalNetworks returns the networks that functions on this machine may reach
// beside public addresses: those that FunctionNetworks names. Without it that is as
// much as any other machine of the private network reaches, and not what only this
// one does. They are right in a Config from Load.
func (c Config) LocalNetworks() ([]netip.Prefix, error) {
	if c.FunctionNetworks == "" && c.Loopback() {
		return privateNetworks, nil
	}
	return c.Networks()
}

var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("fc00::/7"),
}

// The users that can be had: neither root nor those that the system gives to
// people and services, and below the numbers that stand for nobody.
const (
	userMin  = 1_000
	userMax  = 2_147_483_646
	usersMax = 100_000
)

// UserRange returns the first of the users that functions run as, and how many
// there are.
func (l Local) UserRange() (first, count int, err error) {
	from, to, _ := strings.Cut(l.Users, "-")
	first, errFirst := strconv.Atoi(from)
	last, errLast := strconv.Atoi(to)
	switch {
	case errFirst != nil || errLast != nil:
		return 0, 0, errors.New("must be two numbers of users, such as 1900000000-1900000999")
	case first < userMin || last > userMax || last < first || last-first >= usersMax:
		return 0, 0, fmt.Errorf("must be a range of at most %d users, from %d to %d", usersMax, userMin, userMax)
	}
	return first, last - first + 1, nil
}
