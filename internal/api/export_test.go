package api

// Codes returns the status and the meaning of every code that the API sends.
func Codes() map[string]Code {
	all := map[string]Code{}
	for name, c := range codes {
		all[name] = Code{c.status, c.meaning}
	}
	return all
}

// Code is what all errors of one code have in common.
type Code struct {
	Status  int
	Meaning string
}

// Routes returns the method and the path of every call.
func Routes() [][2]string {
	var all [][2]string
	for _, r := range (&API{}).routes() {
		all = append(all, [2]string{r.method, "/v1.0/{project_id}" + r.path})
	}
	for _, r := range (&API{}).operatorRoutes() {
		all = append(all, [2]string{r.method, operatorPath + r.path})
	}
	for _, r := range (&API{}).identityRoutes() {
		all = append(all, [2]string{r.method, operatorPath + r.path})
	}
	return all
}
