package functionapi

import (
	"fmt"

	"heddle/internal/function/catalog"
)

// functionShape is a function with one of its versions. Lists require the first
// block of every function, so that it is always there.
type functionShape struct {
	FuncURN      string `json:"func_urn"`
	FuncName     string `json:"func_name"`
	DomainID     string `json:"domain_id"`
	Namespace    string `json:"namespace"` // the project
	ProjectName  string `json:"project_name"`
	Package      string `json:"package"`
	Runtime      string `json:"runtime"`
	Timeout      int    `json:"timeout"`
	Handler      string `json:"handler"`
	MemorySize   int    `json:"memory_size"`
	CPU          int    `json:"cpu"` // thousandths of a core
	CodeType     string `json:"code_type"`
	CodeSize     int64  `json:"code_size"`
	Digest       string `json:"digest"`
	Version      string `json:"version"`
	ImageName    string `json:"image_name"`
	LastModified string `json:"last_modified"`

	CodeURL           string         `json:"code_url,omitempty"`
	CodeFilename      string         `json:"code_filename,omitempty"`
	UserData          string         `json:"user_data,omitempty"`
	EncryptedUserData string         `json:"encrypted_user_data,omitempty"` // its values masked
	Description       string         `json:"description,omitempty"`
	Strategy          *strategyShape `json:"strategy_config,omitempty"`

	InitializerHandler string `json:"initializer_handler,omitempty"`
	InitializerTimeout int    `json:"initializer_timeout,omitzero"`
	LongTime           bool   `json:"long_time"`

	// What means nothing here, and comes back as it was given.
	Xrole               string `json:"xrole,omitempty"`
	AppXrole            string `json:"app_xrole,omitempty"`
	EnterpriseProjectID string `json:"enterprise_project_id,omitempty"`
	Type                string `json:"type"`
}

// strategyShape limits instances and the calls of each.
type strategyShape struct {
	Concurrency   int `json:"concurrency"`
	ConcurrentNum int `json:"concurrent_num"`
}

// imageName tells what one version is at a time from what it was before.
func imageName(v catalog.Version) string { return fmt.Sprintf("%s-%d", v.Name, v.Revision) }

// longTime is the longest timeout of an ordinary function, in seconds.
const longTime = 900

// shape shows a function with one of its versions.
func (a *API) shape(f catalog.Function, v catalog.Version) functionShape {
	return functionShape{
		FuncURN: a.catalog.URN(f.FunctionName, v.Name), FuncName: f.Name,
		Namespace: f.Project, Package: f.Package, Runtime: v.Runtime, Timeout: v.Timeout, Handler: v.Handler,
		MemorySize: v.MemorySize, CPU: v.MemorySize * 100 / 128,
		CodeType: v.CodeType, CodeSize: v.CodeSize, Digest: v.Digest,
		Version: v.Name, ImageName: imageName(v), LastModified: timeText(v.ModifiedAt),
		CodeURL: v.CodeURL, CodeFilename: v.CodeFilename,
		UserData: v.UserData, EncryptedUserData: v.MaskedSecrets(), Description: v.Description,
		Strategy:           &strategyShape{f.InstancesMax, f.CallsMax},
		InitializerHandler: v.InitializerHandler, InitializerTimeout: v.InitializerTimeout,
		LongTime: v.Timeout > longTime,
		Xrole:    v.Labels["xrole"], AppXrole: v.Labels["app_xrole"],
		EnterpriseProjectID: v.Labels["enterprise_project_id"], Type: "v2",
	}
}

// codeShape is the code of one version.
type codeShape struct {
	FuncURN      string         `json:"func_urn"`
	FuncName     string         `json:"func_name"`
	DomainID     string         `json:"domain_id"`
	Runtime      string         `json:"runtime"`
	CodeType     string         `json:"code_type"`
	CodeURL      string         `json:"code_url"`
	CodeFilename string         `json:"code_filename"`
	CodeSize     int64          `json:"code_size"`
	Digest       string         `json:"digest"`
	LastModified string         `json:"last_modified"`
	FuncCode     fileShape      `json:"func_code"`
	Strategy     *strategyShape `json:"strategy_config,omitempty"`
}

// fileShape is code in base64.
type fileShape struct {
	File string `json:"file"`
	Link string `json:"link"`
}
