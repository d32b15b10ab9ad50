package trigger

// The codes of faults, as the published error table numbers them.
const (
	codeSyntax       = "FGS.4004"
	codeSourceEmpty  = "FGS.4208"
	codeSourceLength = "FGS.4209"
	codeSource       = "FGS.4210"
	codeDefinition   = "FGS.4212" // empty, or a part of it has a wrong JSON type

	codeBucketShort   = "FGS.4213"
	codeBucketLong    = "FGS.4214"
	codeBucket        = "FGS.4215"
	codeFilterName    = "FGS.4217"
	codeFilterTwice   = "FGS.4218"
	codeFilterCount   = "FGS.4219"
	codeTypesEmpty    = "FGS.4220"
	codeTypesCount    = "FGS.4221"
	codeType          = "FGS.4222"
	codeTypeTwice     = "FGS.4234"
	codeTypesConflict = "FGS.4235"
	codeFilterLength  = "FGS.4236"
	codeOBSIncomplete = "FGS.4238"

	codeMessageEmpty  = "FGS.4223"
	codeMessageLength = "FGS.4224"
	codeMessage       = "FGS.4225"

	codeTopicEmpty  = "FGS.4227"
	codeTopicLength = "FGS.4231"
	codeTopicName   = "FGS.4232"
	codeTopic       = "FGS.4233"
)
