package endpoints

import (
	"cmp"
	"net/http"
)

type person struct {
	Name string `json:"name"`
}

type greeting struct {
	Greeting string `json:"greeting"`
}

// greet greets by name.
func greet(_ *http.Request, p person) (greeting, error) {
	return greeting{"Hello, " + cmp.Or(p.Name, "world") + "!"}, nil
}
