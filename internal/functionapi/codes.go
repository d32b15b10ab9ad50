package functionapi

import (
	"net/http"

	"heddle/internal/function/catalog"
)

// The codes that the API sends.
const (
	codeParameter      = "FSS.0400"
	codeUnauthorized   = "FSS.0401"
	codeForbidden      = "FSS.0403"
	codeUnknownURL     = "FSS.0404"
	codeSyntax         = "FSS.0406"
	codeTimeout        = "FSS.0408"
	codeConflict       = "FSS.0409"
	codeLength         = "FSS.0411"
	codeTooLarge       = "FSS.0413"
	codePrecondition   = "FSS.0428"
	codeTooMany        = "FSS.0429"
	codeInternal       = "FSS.0500"
	codeNotAvailable   = "FSS.0501"
	codeBadAnswer      = "FSS.0502"
	codeUnavailable    = "FSS.0503"
	codeOutcomeUnknown = "FSS.0504"

	codeQuery          = "FSS.1001"
	codeName           = "FSS.1002"
	codeHandler        = "FSS.1003"
	codePackage        = "FSS.1004"
	codeRuntime        = "FSS.1005"
	codeCodeType       = "FSS.1006"
	codeMemory         = "FSS.1007"
	codeFunctionTime   = "FSS.1008"
	codeUserData       = "FSS.1009"
	codeURL            = "FSS.1010"
	codeCode           = "FSS.1011"
	codeNoCode         = "FSS.1012"
	codeAlias          = "FSS.1014"
	codeVersion        = "FSS.1015"
	codeUnchanged      = "FSS.1016"
	codeUserDataCount  = "FSS.1017"
	codeUserDataBytes  = "FSS.1018"
	codeDescription    = "FSS.1019"
	codeFunctions      = "FSS.1041"
	codeCodeBytes      = "FSS.1042"
	codeAliases        = "FSS.1043"
	codeNoFunction     = "FSS.1051"
	codeNoVersion      = "FSS.1052"
	codeNoAlias        = "FSS.1053"
	codeFunctionExists = "FSS.1061"
	codeVersionExists  = "FSS.1062"
	codeAliasExists    = "FSS.1063"
	codeVersionInUse   = "FSS.1066"
	codeZipBytes       = "FSS.1071"
	codeInlineBytes    = "FSS.1072"
	codeWeights        = "FSS.1091"
)

// code is what all errors of one code have in common. Their messages begin
// with the meaning and go on with the case.
type code struct {
	status  int
	meaning string
}

// codes are all codes that the API sends. docs/errors.md has the same table,
// with what to do about each.
var codes = map[string]code{
	codeParameter:      {http.StatusBadRequest, "A parameter of the request is not acceptable"},
	codeUnauthorized:   {http.StatusUnauthorized, "The credential is not valid"},
	codeForbidden:      {http.StatusForbidden, "The request is not allowed"},
	codeUnknownURL:     {http.StatusNotFound, "There is no such call"},
	codeSyntax:         {http.StatusNotAcceptable, "The body is not what the call takes"},
	codeTimeout:        {http.StatusRequestTimeout, "The function took too long"},
	codeConflict:       {http.StatusConflict, "Others change the same"},
	codeLength:         {http.StatusLengthRequired, "The length of the body is not known"},
	codeTooLarge:       {http.StatusRequestEntityTooLarge, "The body is too large"},
	codePrecondition:   {http.StatusPreconditionRequired, "The function is not as the request has it"},
	codeTooMany:        {http.StatusTooManyRequests, "Too many requests"},
	codeInternal:       {http.StatusInternalServerError, "The function has failed, or the service met a fault of its own"},
	codeNotAvailable:   {http.StatusNotImplemented, "This service does not have that"},
	codeBadAnswer:      {http.StatusBadGateway, "The function did not answer as it should"},
	codeUnavailable:    {http.StatusServiceUnavailable, "This cannot be done now"},
	codeOutcomeUnknown: {http.StatusGatewayTimeout, "The outcome is not known"},

	codeQuery:          {http.StatusBadRequest, "A query parameter is not acceptable"},
	codeName:           {http.StatusBadRequest, "The name of the function is not acceptable"},
	codeHandler:        {http.StatusBadRequest, "The handler is not acceptable"},
	codePackage:        {http.StatusBadRequest, "The package is not acceptable"},
	codeRuntime:        {http.StatusBadRequest, "The runtime is not acceptable"},
	codeCodeType:       {http.StatusBadRequest, "The code type is not acceptable"},
	codeMemory:         {http.StatusBadRequest, "The memory size is not acceptable"},
	codeFunctionTime:   {http.StatusBadRequest, "The timeout is not acceptable"},
	codeUserData:       {http.StatusBadRequest, "The user data are not acceptable"},
	codeURL:            {http.StatusBadRequest, "The URL of the function is not acceptable"},
	codeCode:           {http.StatusBadRequest, "The code is not acceptable"},
	codeNoCode:         {http.StatusBadRequest, "There is no code"},
	codeAlias:          {http.StatusBadRequest, "The alias is not acceptable"},
	codeVersion:        {http.StatusBadRequest, "The version is not acceptable"},
	codeUnchanged:      {http.StatusBadRequest, "Nothing has changed since the last version was published"},
	codeUserDataCount:  {http.StatusBadRequest, "There are too many user data"},
	codeUserDataBytes:  {http.StatusBadRequest, "The user data are too long"},
	codeDescription:    {http.StatusBadRequest, "The description is too long"},
	codeFunctions:      {http.StatusForbidden, "The project has as many functions as it may"},
	codeCodeBytes:      {http.StatusForbidden, "The project has as much code as it may"},
	codeAliases:        {http.StatusForbidden, "The function has as many aliases as it may"},
	codeNoFunction:     {http.StatusNotFound, "There is no such function"},
	codeNoVersion:      {http.StatusNotFound, "There is no such version"},
	codeNoAlias:        {http.StatusNotFound, "There is no such alias"},
	codeFunctionExists: {http.StatusConflict, "The name is taken by another function"},
	codeVersionExists:  {http.StatusConflict, "The name is taken by another version"},
	codeAliasExists:    {http.StatusConflict, "The name is taken by another alias"},
	codeVersionInUse:   {http.StatusConflict, "An alias names the version"},
	codeZipBytes:       {http.StatusRequestEntityTooLarge, "The package is too large"},
	codeInlineBytes:    {http.StatusRequestEntityTooLarge, "The inline code is too long"},
	codeWeights:        {http.StatusBadRequest, "The weights of the alias are not acceptable"},
}

// problemCodes are the codes of what the catalog refuses.
var problemCodes = map[catalog.Kind]string{
	catalog.NoFunction:       codeNoFunction,
	catalog.NoVersion:        codeNoVersion,
	catalog.NoAlias:          codeNoAlias,
	catalog.FunctionExists:   codeFunctionExists,
	catalog.VersionExists:    codeVersionExists,
	catalog.AliasExists:      codeAliasExists,
	catalog.VersionInUse:     codeVersionInUse,
	catalog.Unchanged:        codeUnchanged,
	catalog.OtherCode:        codePrecondition,
	catalog.Changed:          codeConflict,
	catalog.TooManyFunctions: codeFunctions,
	catalog.TooManyVersions:  codeForbidden,
	catalog.TooManyAliases:   codeAliases,
	catalog.TooMuchCode:      codeCodeBytes,
	catalog.Unfit:            codeParameter,
	catalog.BadWeights:       codeWeights,
	catalog.BadTarget:        codeURL,
}
