package identity

import "heddle/internal/store"

// Role is what a user may do in a project. The published service has roles of the
// same reach (page FunctionGraph权限说明): Tenant Administrator, FunctionGraph
// Administrator, FunctionGraph Invoker and Tenant Guest.
type Role store.Role

// The roles. Each may do what the one after it may, and more.
const (
	Admin    Role = "admin"    // also who there is and what projects may have; granted for all projects
	Operator Role = "operator" // everything in the project
	Invoker  Role = "invoker"  // also start, stop, invoke, and send events
	Viewer   Role = "viewer"   // look
)

// Roles are all roles, the mightiest first.
var Roles = []Role{Admin, Operator, Invoker, Viewer}

// Need is what a call asks for.
type Need int

// The needs, each greater than the one before.
const (
	Nothing    Need = iota // no credential, or one of another kind
	Read                   // look
	Trigger                // let something happen: start, stop, invoke, send an event
	Manage                 // change what there is
	Administer             // who there is, and what projects may have
)

// reach is the greatest need that each role covers.
var reach = map[Role]Need{Viewer: Read, Invoker: Trigger, Operator: Manage, Admin: Administer}

func (r Role) allows(n Need) bool { return n != Nothing && reach[r] >= n }
