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

// Routes returns the method and the path of every call, and how the audit log
// names it.
func Routes() [][3]string {
	var all [][3]string
	add := func(base string, routes []route) {
		for _, r := range routes {
			all = append(all, [3]string{r.method, base + r.path, r.action})
		}
	}
	add("/v1.0/{project_id}", (&API{}).routes())
	add(operatorPath, (&API{}).operatorRoutes())
	add(operatorPath, (&API{}).identityRoutes())
	return all
}
