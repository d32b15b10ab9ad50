package endpoints

import (
	"errors"
	"fmt"
	"net/http"
)

// order is what price and charge take, and what they give back with more in it.
type order struct {
	Receipt string `json:"receipt,omitempty"`
	Total   int    `json:"total,omitempty"`
	Item    string `json:"item"`
	Count   int    `json:"count"`
	Card    string `json:"card,omitempty"`
}

// prices are for one piece, in whole coins.
var prices = map[string]int{"loom": 40, "shuttle": 15, "yarn": 6}

// price sets the order's total.
func price(_ *http.Request, o order) (order, error) {
	each, ok := prices[o.Item]
	if !ok {
		return order{}, refusal{http.StatusBadRequest, fmt.Sprintf("there is no item %q, only loom, shuttle and yarn", o.Item)}
	}
	if o.Count < 1 || o.Count > 1000 {
		return order{}, refusal{http.StatusBadRequest, "count must be 1 to 1000"}
	}
	o.Total = o.Count * each
	return o, nil
}

// The cards for which charge fails.
const (
	cardBusy   = "busy"   // the first attempt: the bank is busy, try again
	cardStolen = "stolen" // every attempt: the bank refuses
)

// charge charges the order's card and adds a receipt. Which attempt it is,
// Heddle says in a header.
func charge(r *http.Request, o order) (order, error) {
	switch {
	case o.Card == cardBusy && r.Header.Get("X-Heddle-Attempt") == "1":
		return order{}, refusal{http.StatusServiceUnavailable, "the bank is busy"}
	case o.Card == cardStolen:
		return order{}, errors.New("the bank refuses the card")
	}
	o.Receipt = fmt.Sprintf("%d coins for %d %s", o.Total, o.Count, o.Item)
	return o, nil
}
