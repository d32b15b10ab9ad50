package api

import "net/http"

// The codes that endpoints name themselves. Those of the definition language's
// rules come with the problems that package definition finds.
const (
	codeProject           = "FGS.0001"
	codeBadCredential     = "FGS.0002"
	codeExpired           = "FGS.0003"
	codeForbidden         = "FGS.0004"
	codeParameter         = "FGS.0005"
	codeInternal          = "FGS.0007"
	codeNoBody            = "FGS.0008"
	codeSyntax            = "FGS.0009"
	codeURN               = "FGS.0010"
	codeNoCredential      = "FGS.0011"
	codeUnknownURL        = "FGS.0012"
	codeQuery             = "FGS.0013"
	codeNoDefinition      = "FGS.1002"
	codeDefinitionGone    = "FGS.1003"
	codeGraphExists       = "FGS.1005"
	codeGraphName         = "FGS.1006"
	codeGraphNameLength   = "FGS.1007"
	codeDescription       = "FGS.1008"
	codeGraphsStart       = "FGS.1009"
	codeGraphsLimit       = "FGS.1010"
	codeUnknownGraph      = "FGS.1011"
	codeNameFilter        = "FGS.1014"
	codeURNFilter         = "FGS.1015"
	codeExecutionName     = "FGS.2001"
	codeNoExecution       = "FGS.2002"
	codeStart             = "FGS.2004"
	codeLimit             = "FGS.2005"
	codeActionType        = "FGS.2006"
	codeInput             = "FGS.2008"
	codeUnknownField      = "FGS.2017"
	codeTriggerUnused     = "FGS.2009"
	codeStateTriggered    = "FGS.2015"
	codeExecutionFilter   = "FGS.2019"
	codeMessageType       = "FGS.2021"
	codeEnded             = "FGS.2022"
	codeStateEnded        = "FGS.2023"
	codeStateNotRunning   = "FGS.2024"
	codeStateTimedOut     = "FGS.2040"
	codeGraphMapped       = "FGS.1016"
	codeNoTrigger         = "FGS.4105"
	codeTooLarge          = "FGS.4109"
	codeTaken             = "FGS.9009"
	codeUnknownIdentity   = "FGS.9010"
	codeKeyReused         = "FGS.9002"
	codeMessageCredential = "FGS.5001"
	codeMessageProject    = "FGS.5002"
	codeTaskToken         = "FGS.5003"
	codeEventSource       = "FGS.5004"
	codeMessageSyntax     = "FGS.5005"
	codeMessage           = "FGS.5006"
	codeMessageUnreadable = "FGS.5100"
	codeRateLimited       = "FGS.9003"
	codeUnavailable       = "FGS.9004"
	codeNotNow            = "FGS.9005"
	codeOutcomeUnknown    = "FGS.9006"
)

// The codes of triggers and mappings. Those of definitions come with the faults
// that package trigger finds.
const (
	codeTriggerSyntax        = "FGS.4004"
	codeBucketConflict       = "FGS.4121"
	codeNoTopic              = "FGS.4123"
	codeTopicForbidden       = "FGS.4126"
	codeTriggerNameLength    = "FGS.4206"
	codeTriggerName          = "FGS.4207"
	codeTriggerSource        = "FGS.4208"
	codeTriggerSourceUnknown = "FGS.4210"
	codeTriggerDescription   = "FGS.4211"
	codeTriggerDefinition    = "FGS.4212"
	codeUnknownTrigger       = "FGS.4240"
	codeNoTriggerToDelete    = "FGS.4250"
	codeTriggerNamed         = "FGS.4251"
	codeTriggerMapped        = "FGS.4252"
	codeNoTriggerToUpdate    = "FGS.4260"
	codeBatchLeft            = "FGS.4270"
	codeBatchCount           = "FGS.4271"
	codeBatchAction          = "FGS.4272"
	codeBatchTwice           = "FGS.4273"
	codeBatchEmpty           = "FGS.4274"
	codeTriggersStart        = "FGS.4280"
	codeTriggersLimit        = "FGS.4281"

	codeMappingBody      = "FGS.4400"
	codeMappingTrigger   = "FGS.4401"
	codeMappingGraph     = "FGS.4402"
	codeMappingNoTrigger = "FGS.4404"
	codeMappingNoGraph   = "FGS.4405"
	codeMappingExists    = "FGS.4407"
	codeMappingID        = "FGS.4408"
	codeNoMapping        = "FGS.4409"
	codeMappingEvents    = "FGS.4411"
	codeMappingWorker    = "FGS.4412"
	codeMappingTopic     = "FGS.4413"
)

// The codes of timers and quotas.
const (
	codeQuotaFault       = "FGS.0014"
	codeGraphsQuota      = "FGS.1013"
	codeTimerName        = "FGS.2025"
	codeExpression       = "FGS.2026"
	codeNoTimer          = "FGS.2027"
	codeTimerExists      = "FGS.2028"
	codeTimerStarted     = "FGS.2029"
	codeTimerStopped     = "FGS.2030"
	codeTimerOver        = "FGS.2031"
	codeTimersMax        = "FGS.2032"
	codeTimerFault       = "FGS.2033"
	codeRateUnit         = "FGS.2035"
	codeRateInterval     = "FGS.2038"
	codeTimerDescription = "FGS.2039"
	codeTriggersQuota    = "FGS.4205"
	codeQuotaMalformed   = "FGS.4303"
	codeNoQuota          = "FGS.4304"
	codeQuotaBelowUse    = "FGS.4305"
	codeDefaultBelowUse  = "FGS.4306"
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
	codeProject:         {http.StatusBadRequest, "The project id is not well-formed"},
	codeBadCredential:   {http.StatusUnauthorized, "The credential is not valid"},
	codeExpired:         {http.StatusUnauthorized, "The credential has expired"},
	codeForbidden:       {http.StatusForbidden, "The request is not allowed"},
	codeParameter:       {http.StatusBadRequest, "A parameter of the request is not acceptable"},
	codeInternal:        {http.StatusInternalServerError, "The service met a fault of its own"},
	codeNoBody:          {http.StatusBadRequest, "The request has no content"},
	codeSyntax:          {http.StatusBadRequest, "The body is not well-formed JSON"},
	codeURN:             {http.StatusBadRequest, "A URN does not fit the call"},
	codeNoCredential:    {http.StatusUnauthorized, "The request has no credential"},
	codeUnknownURL:      {http.StatusNotFound, "There is no such call"},
	codeQuery:           {http.StatusBadRequest, "A query parameter is not acceptable"},
	codeTooLarge:        {http.StatusRequestEntityTooLarge, "The body is too large"},
	codeKeyReused:       {http.StatusConflict, "The idempotency key belongs to another request"},
	codeTaken:           {http.StatusConflict, "The name is taken"},
	codeUnknownIdentity: {http.StatusNotFound, "There is no such user, key or project"},
	codeRateLimited:     {http.StatusTooManyRequests, "The project has used its share"},
	codeUnavailable:     {http.StatusServiceUnavailable, "The service does not take this now"},
	codeNotNow:          {http.StatusConflict, "What the request concerns is not in a state to take it"},
	codeOutcomeUnknown:  {http.StatusServiceUnavailable, "The outcome is not known"},

	codeDefinitionGone:  {http.StatusNotFound, "The definition is not stored"},
	codeGraphExists:     {http.StatusConflict, "The name is taken by another graph"},
	codeGraphName:       {http.StatusBadRequest, "The graph's name is not acceptable"},
	codeGraphNameLength: {http.StatusBadRequest, "The graph's name is too long"},
	codeDescription:     {http.StatusBadRequest, "The description is not acceptable"},
	codeGraphsStart:     {http.StatusBadRequest, "The start of the graph list is not acceptable"},
	codeGraphsLimit:     {http.StatusBadRequest, "The limit of the graph list is not acceptable"},
	codeUnknownGraph:    {http.StatusNotFound, "There is no such graph"},
	codeNameFilter:      {http.StatusBadRequest, "The name filter is not acceptable"},
	codeURNFilter:       {http.StatusBadRequest, "A URN filter is not acceptable"},
	codeGraphMapped:     {http.StatusConflict, "The graph is mapped to a trigger"},
	codeNoTrigger:       {http.StatusNotFound, "The definition names a trigger that does not exist"},

	codeExecutionName:   {http.StatusBadRequest, "The execution's name is not acceptable"},
	codeNoExecution:     {http.StatusNotFound, "There is no such execution"},
	codeStart:           {http.StatusBadRequest, "The start of the list is not acceptable"},
	codeLimit:           {http.StatusBadRequest, "The limit of the list is not acceptable"},
	codeActionType:      {http.StatusBadRequest, "The action type is not known"},
	codeInput:           {http.StatusBadRequest, "The input is not JSON"},
	codeUnknownField:    {http.StatusBadRequest, "The body has a field that the call does not know"},
	codeExecutionFilter: {http.StatusBadRequest, "The name filter is not acceptable"},
	codeEnded:           {http.StatusConflict, "The execution has ended already"},
	codeTriggerUnused:   {http.StatusBadRequest, "The graph does not wait for the trigger"},
	codeStateTriggered:  {http.StatusConflict, "The state has taken its event"},
	codeStateEnded:      {http.StatusConflict, "The state has ended already"},
	codeStateNotRunning: {http.StatusConflict, "The state has not begun yet"},
	codeStateTimedOut:   {http.StatusConflict, "The state has run out of time"},

	codeMessageType:       {http.StatusBadRequest, "The type of the message is not right"},
	codeMessageCredential: {http.StatusUnauthorized, "The credential of the worker is not valid"},
	codeMessageProject:    {http.StatusBadRequest, "The project id of a message is not well-formed"},
	codeTaskToken:         {http.StatusBadRequest, "The task token is not well-formed"},
	codeEventSource:       {http.StatusBadRequest, "The source of the event is not right"},
	codeMessageSyntax:     {http.StatusBadRequest, "The message is not well-formed JSON"},
	codeMessage:           {http.StatusBadRequest, "The message is not acceptable"},
	codeMessageUnreadable: {http.StatusBadRequest, "The message is no JSON object"},

	// What a state failed of that has taken an event. They stand in the history too.
	"FGS.2010": {http.StatusBadGateway, "A function's result is not JSON"},
	"FGS.2011": {http.StatusBadGateway, "A call of a function failed"},
	"FGS.2012": {http.StatusBadGateway, "A call could not be handed over"},
	"FGS.2013": {http.StatusInternalServerError, "An action's retries are used up"},
	"FGS.2014": {http.StatusBadRequest, "A path selects nothing"},
	"FGS.2018": {http.StatusBadGateway, "A result is neither object nor array"},
	"FGS.9007": {http.StatusBadRequest, "A limit at run time is exceeded"},

	codeTriggerSyntax:        {http.StatusBadRequest, "The body or the definition of a trigger is not JSON"},
	codeBucketConflict:       {http.StatusConflict, "The bucket serves another trigger"},
	codeNoTopic:              {http.StatusNotFound, "There is no such topic"},
	codeTopicForbidden:       {http.StatusForbidden, "The topic is not the project's"},
	codeTriggerNameLength:    {http.StatusBadRequest, "The trigger's name is too long"},
	codeTriggerName:          {http.StatusBadRequest, "The trigger's name is not acceptable"},
	codeTriggerSource:        {http.StatusBadRequest, "There is no event source"},
	"FGS.4209":               {http.StatusBadRequest, "The event source is too long"},
	codeTriggerSourceUnknown: {http.StatusBadRequest, "The event source is not known"},
	codeTriggerDescription:   {http.StatusBadRequest, "The trigger's description is too long"},
	codeTriggerDefinition:    {http.StatusBadRequest, "The definition of the trigger is empty or malformed"},
	"FGS.4213":               {http.StatusBadRequest, "The bucket's name is too short"},
	"FGS.4214":               {http.StatusBadRequest, "The bucket's name is too long"},
	"FGS.4215":               {http.StatusBadRequest, "The bucket's name is not acceptable"},
	"FGS.4217":               {http.StatusBadRequest, "A filter rule is neither a prefix nor a suffix"},
	"FGS.4218":               {http.StatusBadRequest, "Two filter rules have the same name"},
	"FGS.4219":               {http.StatusBadRequest, "There are too many filter rules"},
	"FGS.4220":               {http.StatusBadRequest, "There are no event types"},
	"FGS.4221":               {http.StatusBadRequest, "There are too many event types"},
	"FGS.4222":               {http.StatusBadRequest, "An event type is not known"},
	"FGS.4223":               {http.StatusBadRequest, "There is no type of worker message"},
	"FGS.4224":               {http.StatusBadRequest, "The type of worker message is too long"},
	"FGS.4225":               {http.StatusBadRequest, "The type of worker message is not known"},
	"FGS.4227":               {http.StatusBadRequest, "There is no topic"},
	"FGS.4231":               {http.StatusBadRequest, "The topic's name is too long"},
	"FGS.4232":               {http.StatusBadRequest, "The topic's name is not acceptable"},
	"FGS.4233":               {http.StatusBadRequest, "The topic is not a topic URN"},
	"FGS.4234":               {http.StatusBadRequest, "An event type stands twice"},
	"FGS.4235":               {http.StatusBadRequest, "An event type stands beside one that covers it"},
	"FGS.4236":               {http.StatusBadRequest, "The prefix or the suffix is too long"},
	"FGS.4238":               {http.StatusBadRequest, "The bucket's name or EventRule is missing"},
	codeUnknownTrigger:       {http.StatusNotFound, "There is no such trigger"},
	codeNoTriggerToDelete:    {http.StatusNotFound, "There is no such trigger to delete"},
	codeTriggerNamed:         {http.StatusConflict, "A definition names the trigger"},
	codeTriggerMapped:        {http.StatusConflict, "The trigger is mapped to a graph"},
	codeNoTriggerToUpdate:    {http.StatusNotFound, "There is no such trigger to update"},
	codeBatchLeft:            {http.StatusConflict, "Some triggers of the batch were not deleted"},
	codeBatchCount:           {http.StatusBadRequest, "There are too many triggers in the batch"},
	codeBatchAction:          {http.StatusBadRequest, "The action of the batch is not known"},
	codeBatchTwice:           {http.StatusBadRequest, "The batch names a trigger twice"},
	codeBatchEmpty:           {http.StatusBadRequest, "The batch is empty"},
	codeTriggersStart:        {http.StatusBadRequest, "The start of the trigger list is not acceptable"},
	codeTriggersLimit:        {http.StatusBadRequest, "The limit of the trigger list is not acceptable"},

	codeMappingBody:      {http.StatusBadRequest, "The mapping cannot be read"},
	codeMappingTrigger:   {http.StatusBadRequest, "The mapping's trigger is not a trigger URN"},
	codeMappingGraph:     {http.StatusBadRequest, "The mapping's graph is not a graph URN"},
	codeMappingNoTrigger: {http.StatusNotFound, "There is no such trigger to map"},
	codeMappingNoGraph:   {http.StatusNotFound, "There is no such graph to map"},
	codeMappingExists:    {http.StatusConflict, "The mapping is there already"},
	codeMappingID:        {http.StatusBadRequest, "The mapping's id is not acceptable"},
	codeNoMapping:        {http.StatusNotFound, "There is no such mapping"},
	codeMappingEvents:    {http.StatusConflict, "A graph with EVENT states is not mapped"},
	codeMappingWorker:    {http.StatusBadRequest, "A trigger of workers is not mapped"},
	codeMappingTopic:     {http.StatusConflict, "The graph is mapped to the topic already"},

	codeTimerName:        {http.StatusBadRequest, "The timer's name is not acceptable"},
	codeExpression:       {http.StatusBadRequest, "The cron expression is not acceptable"},
	codeNoTimer:          {http.StatusNotFound, "There is no such timer"},
	codeTimerExists:      {http.StatusConflict, "The name is taken by another timer of the graph"},
	codeTimerStarted:     {http.StatusConflict, "The timer is started"},
	codeTimerStopped:     {http.StatusConflict, "The timer is not started"},
	codeTimerOver:        {http.StatusConflict, "The timer has no fire time left"},
	codeTimersMax:        {http.StatusForbidden, "The graph has as many timers as it may have"},
	codeTimerFault:       {http.StatusInternalServerError, "The timers met a fault of the service"},
	codeRateUnit:         {http.StatusBadRequest, "The unit of the fixed rate is not known"},
	codeRateInterval:     {http.StatusBadRequest, "The interval of the fixed rate is not acceptable"},
	codeTimerDescription: {http.StatusBadRequest, "The timer's description is not acceptable"},

	codeQuotaFault:      {http.StatusInternalServerError, "The quotas met a fault of the service"},
	codeGraphsQuota:     {http.StatusForbidden, "The project has as many graphs as its quota allows"},
	codeTriggersQuota:   {http.StatusForbidden, "The project has as many triggers as its quota allows"},
	codeQuotaMalformed:  {http.StatusBadRequest, "The quota is not acceptable"},
	codeNoQuota:         {http.StatusBadRequest, "The quota is missing"},
	codeQuotaBelowUse:   {http.StatusConflict, "The quota would be below what is in use"},
	codeDefaultBelowUse: {http.StatusConflict, "The default quota is below what is in use"},

	"FGS.1001":       {http.StatusBadRequest, "The definition is not JSON"},
	codeNoDefinition: {http.StatusBadRequest, "The definition is empty"},
	"FGS.1004":       {http.StatusBadRequest, "The definition is too long"},
	"FGS.1012":       {http.StatusBadRequest, "A field of the definition has a value that it cannot have"},
	"FGS.1017":       {http.StatusBadRequest, "The type of a state is not known"},
	"FGS.1018":       {http.StatusBadRequest, "Too many events are defined"},
	"FGS.1019":       {http.StatusBadRequest, "The name of an event is not acceptable"},
	"FGS.1020":       {http.StatusBadRequest, "The source of an event is not a trigger URN"},
	"FGS.1021":       {http.StatusBadRequest, "Two events have the same source"},
	"FGS.1022":       {http.StatusBadRequest, "The request filter of an event is not a JSONPath query"},
	"FGS.1023":       {http.StatusBadRequest, "The response filter of an event is not a JSONPath query"},
	"FGS.1024":       {http.StatusBadRequest, "An event expression is not acceptable"},
	"FGS.1025":       {http.StatusBadRequest, "There are no states, or too many"},
	"FGS.1026":       {http.StatusBadRequest, "The name of a state is empty or too long"},
	"FGS.1027":       {http.StatusBadRequest, "A state has no content"},
	"FGS.1028":       {http.StatusBadRequest, "Several states are marked as the start"},
	"FGS.1029":       {http.StatusBadRequest, "There are several END states"},
	"FGS.1030":       {http.StatusBadRequest, "The time of a DELAY is out of range"},
	"FGS.1031":       {http.StatusBadRequest, "A DELAY leads to no state"},
	"FGS.1032":       {http.StatusBadRequest, "The default of a SWITCH leads to no state"},
	"FGS.1033":       {http.StatusBadRequest, "A SWITCH has no choices"},
	"FGS.1034":       {http.StatusBadRequest, "A choice has no content"},
	"FGS.1035":       {http.StatusBadRequest, "The path of a choice is not a JSONPath query"},
	"FGS.1036":       {http.StatusBadRequest, "A choice has no value to compare with"},
	"FGS.1037":       {http.StatusBadRequest, "An OPERATION has no actions"},
	"FGS.1038":       {http.StatusBadRequest, "An OPERATION has too many actions"},
	"FGS.1039":       {http.StatusBadRequest, "The action mode of an OPERATION is not known"},
	"FGS.1040":       {http.StatusBadRequest, "An action has no content"},
	"FGS.1041":       {http.StatusBadRequest, "The function of an action is not a function URN"},
	"FGS.1042":       {http.StatusBadRequest, "The invocation mode of an action is not known"},
	"FGS.1043":       {http.StatusBadRequest, "The filter of an action is not a JSONPath query"},
	"FGS.1044":       {http.StatusBadRequest, "The timeout of an action is out of range"},
	"FGS.1045":       {http.StatusBadRequest, "A result rule has no content"},
	"FGS.1046":       {http.StatusBadRequest, "A result rule leads to no state"},
	"FGS.1047":       {http.StatusBadRequest, "The number of retries is out of range"},
	"FGS.1048":       {http.StatusBadRequest, "The time between retries is out of range"},
	"FGS.1049":       {http.StatusBadRequest, "The failure that a result rule matches is not known"},
	"FGS.1050":       {http.StatusBadRequest, "Two actions of an OPERATION have the same name"},
	"FGS.1051":       {http.StatusBadRequest, "The name of an action in an OPERATION is not acceptable"},
	"FGS.1052":       {http.StatusBadRequest, "An OPERATION calls in sequence without waiting"},
	"FGS.1053":       {http.StatusBadRequest, "An OPERATION mixes invocation modes"},
	"FGS.1054":       {http.StatusBadRequest, "An OPERATION leads to no state"},
	"FGS.1055":       {http.StatusBadRequest, "No state leads to a state"},
	"FGS.1056":       {http.StatusBadRequest, "An EVENT waits for nothing"},
	"FGS.1057":       {http.StatusBadRequest, "There are EVENT states but no events are defined"},
	"FGS.1058":       {http.StatusBadRequest, "The timeout of an EVENT is out of range"},
	"FGS.1059":       {http.StatusBadRequest, "A member of an EVENT has no content"},
	"FGS.1060":       {http.StatusBadRequest, "Two members of an EVENT wait for the same event"},
	"FGS.1061":       {http.StatusBadRequest, "No state waits for an event that is defined"},
	"FGS.1062":       {http.StatusBadRequest, "An EVENT waits for several events of cloud services"},
	"FGS.1063":       {http.StatusBadRequest, "Events of workers and of cloud services are mixed"},
	"FGS.1064":       {http.StatusBadRequest, "The action mode of an EVENT is not known"},
	"FGS.1065":       {http.StatusBadRequest, "A member of an EVENT has too many actions"},
	"FGS.1066":       {http.StatusBadRequest, "Two actions of an EVENT have the same name"},
	"FGS.1067":       {http.StatusBadRequest, "The name of an action in an EVENT is not acceptable"},
	"FGS.1068":       {http.StatusBadRequest, "An EVENT calls in sequence without waiting"},
	"FGS.1069":       {http.StatusBadRequest, "An EVENT mixes invocation modes"},
	"FGS.1070":       {http.StatusBadRequest, "A member of an EVENT leads to no state"},
	"FGS.1071":       {http.StatusBadRequest, "A NOOP leads to no state"},
	"FGS.1072":       {http.StatusBadRequest, "No state is marked as the start"},
	"FGS.1073":       {http.StatusBadRequest, "There is no END state"},
	"FGS.1074":       {http.StatusBadRequest, "An EVENT state is part of a loop"},
	"FGS.1075":       {http.StatusBadRequest, "The definition has a field that the language does not know"},
	"FGS.1076":       {http.StatusBadRequest, "A choice leads to no state"},
	"FGS.1077":       {http.StatusBadRequest, "An OPERATION with dynamic-extend is not PARALLEL"},
	"FGS.1078":       {http.StatusBadRequest, "An OPERATION with dynamic-extend has not exactly one action"},
	"FGS.1079":       {http.StatusBadRequest, "An ASYNC action has result rules"},
}
