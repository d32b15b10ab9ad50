package api

import "heddle/internal/exchange/pagetest"

// Codes returns the status and the meaning of every code that the API sends.
func Codes() map[string]pagetest.Code {
	all := map[string]pagetest.Code{}
	for name, c := range codes {
		all[name] = pagetest.Code{Status: c.status, Meaning: c.meaning}
	}
	return all
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
