package functionapi

// Code is what all errors of one code have in common.
type Code struct {
	Status  int
	Meaning string
}

// Codes returns the status and the meaning of every code that the API sends.
func Codes() map[string]Code {
	all := map[string]Code{}
	for name, c := range codes {
		all[name] = Code{c.status, c.meaning}
	}
	return all
}

// Routes returns the method and the path of every call, and whether it is there.
func Routes() map[[2]string]bool {
	all := map[[2]string]bool{}
	rows := (&API{}).routes()
	for i, r := range rows {
		all[[2]string{r.method, "/v2/{project_id}" + r.path}] = i < len(rows)-len(missingCalls)
	}
	return all
}
