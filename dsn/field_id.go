package dsn

import "strings"

// A fieldID tells the fields of a report apart.
type fieldID uint8

// The fields of a report. Those that are only told apart by whom they speak of have
// no id of their own.
const (
	idOther fieldID = iota
	idFinal
	idOriginal
	idActual
	idAction
	idStatus
	idRemote
	idDiagnostic
	idLastAttempt
	idRetryUntil
	idDisplayName
	idOfRecipient
	idReporting
	idReceivedFrom
	idArrival
	idEnvelope
	idOfMessage
	idCount
)

// Whom a field speaks of.
const (
	ofNobody = iota
	ofMessage
	ofRecipient
	ofIdentity // it names the recipient
)

func (id fieldID) class() int {
	switch {
	case id == idOther:
		return ofNobody
	case id <= idActual:
		return ofIdentity
	case id <= idOfRecipient:
		return ofRecipient
	}
	return ofMessage
}

// A knownField is a field by its name.
type knownField struct {
	name string
	id   fieldID
}

// maxKnownName is the length of the longest name of a known field.
const maxKnownName = 21

// knownFields are the fields of RFC 3464 and those that servers add, by the length of
// their names.
var knownFields = func() (by [maxKnownName + 1][]knownField) {
	for _, f := range [...]knownField{
		{"Final-Recipient", idFinal}, {"Original-Recipient", idOriginal}, {"X-Actual-Recipient", idActual},
		{"Action", idAction}, {"Status", idStatus}, {"Remote-MTA", idRemote}, {"Diagnostic-Code", idDiagnostic},
		{"Last-Attempt-Date", idLastAttempt}, {"Final-Log-ID", idOfRecipient}, {"Will-Retry-Until", idRetryUntil},
		{"X-Display-Name", idDisplayName}, {"X-Supplementary-Info", idOfRecipient}, {"Localized-Diagnostic", idOfRecipient},
		{"Reporting-MTA", idReporting}, {"DSN-Gateway", idOfMessage}, {"Received-From-MTA", idReceivedFrom}, {"Arrival-Date", idArrival},
		{"Original-Envelope-Id", idEnvelope}, {"X-Postfix-Queue-ID", idOfMessage}, {"X-Postfix-Sender", idOfMessage},
		{"X-Original-Message-ID", idOfMessage},
	} {
		by[len(f.name)] = append(by[len(f.name)], f)
	}
	return by
}()

// fieldNamed returns the id of a field.
func fieldNamed(name string) fieldID {
	if len(name) > maxKnownName || name == "" {
		return idOther
	}
	for _, f := range knownFields[len(name)] {
		if f.name[0] == name[0]&^0x20 && strings.EqualFold(f.name, name) {
			return f.id
		}
	}
	return idOther
}
