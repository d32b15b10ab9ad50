package functionapi

import "heddle/internal/exchange/pagetest"

// Codes returns the status and the meaning of every code that the API sends.
func Codes() map[string]pagetest.Code {
	all := map[string]pagetest.Code{}
	for name, c := range codes {
		all[name] = pagetest.Code{Status: c.status, Meaning: c.meaning}
	}
	return all
}

// Audited returns how the audit log names each call that is there.
func Audited() map[[2]string]string {
	all := map[[2]string]string{}
	for _, r := range (&API{}).routes() {
		all[[2]string{r.method, r.path}] = r.action
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
