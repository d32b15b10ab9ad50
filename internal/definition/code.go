package definition

// The codes of the language's rules, as the published error table numbers them.
// Where the table has two codes for one rule, one for OPERATION and one for
// EVENT states, they stand in actionCodes.
const (
	codeNotJSON      = "FGS.1001"
	codeEmpty        = "FGS.1002"
	codeTooLong      = "FGS.1004"
	codeField        = "FGS.1012" // a wrong JSON type, or a fault without a code of its own
	codeUnknownField = "FGS.1075"

	codeStateCount   = "FGS.1025"
	codeStateName    = "FGS.1026"
	codeStateEmpty   = "FGS.1027"
	codeStateType    = "FGS.1017"
	codeStartTwice   = "FGS.1028"
	codeStartMissing = "FGS.1072"
	codeEndTwice     = "FGS.1029"
	codeEndMissing   = "FGS.1073"
	codeUnreached    = "FGS.1055"

	codeNoopNext  = "FGS.1071"
	codeDelayTime = "FGS.1030"
	codeDelayNext = "FGS.1031"

	codeSwitchDefault = "FGS.1032"
	codeChoices       = "FGS.1033"
	codeChoiceEmpty   = "FGS.1034"
	codeChoicePath    = "FGS.1035"
	codeChoiceValue   = "FGS.1036"
	codeChoiceNext    = "FGS.1076"

	codeActions        = "FGS.1037"
	codeOperationNext  = "FGS.1054"
	codeExtendMode     = "FGS.1077"
	codeExtendCount    = "FGS.1078"
	codeActionEmpty    = "FGS.1040"
	codeActionFunction = "FGS.1041"
	codeActionInvoke   = "FGS.1042"
	codeActionFilter   = "FGS.1043"
	codeActionTimeout  = "FGS.1044"
	codeAsyncResults   = "FGS.1079"

	codeResultEmpty    = "FGS.1045"
	codeResultNext     = "FGS.1046"
	codeResultRetries  = "FGS.1047"
	codeResultInterval = "FGS.1048"
	codeResultMatch    = "FGS.1049"

	codeEventDefCount      = "FGS.1018"
	codeEventDefName       = "FGS.1019"
	codeEventDefSource     = "FGS.1020"
	codeEventDefSourceUsed = "FGS.1021"
	codeEventDefRequest    = "FGS.1022"
	codeEventDefResponse   = "FGS.1023"
	codeEventDefUnused     = "FGS.1061"
	codeEventDefsMissing   = "FGS.1057"
	codeEventDefsMixed     = "FGS.1063"

	codeEvents          = "FGS.1056"
	codeEventTimeout    = "FGS.1058"
	codeEventEmpty      = "FGS.1059"
	codeEventExpression = "FGS.1024"
	codeEventTwice      = "FGS.1060"
	codeEventCloud      = "FGS.1062"
	codeEventNext       = "FGS.1070"
	codeEventLoop       = "FGS.1074"
)

// actionCodes are the codes for faults of a list of actions.
type actionCodes struct {
	mode       string // action-mode is neither SEQUENTIAL nor PARALLEL
	count      string // too many actions
	name       string // an action's name is not well-formed
	nameTwice  string // two actions share a name
	sequential string // a SEQUENTIAL action is ASYNC
	mixed      string // some actions are SYNC and some ASYNC
}

var (
	operationCodes = actionCodes{
		mode: "FGS.1039", count: "FGS.1038", name: "FGS.1051",
		nameTwice: "FGS.1050", sequential: "FGS.1052", mixed: "FGS.1053",
	}
	eventCodes = actionCodes{
		mode: "FGS.1064", count: "FGS.1065", name: "FGS.1067",
		nameTwice: "FGS.1066", sequential: "FGS.1068", mixed: "FGS.1069",
	}
)
