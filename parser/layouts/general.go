package layouts

import (
	"errors"
	"fmt"
	"io/fs"
)

// A Role says what a phrase of general.toml tells of the text around it.
type Role uint8

// The roles. Their names in general.toml are in roleNames.
const (
	RoleFrom      Role = iota // in From: a robot that reports on mail wrote this
	RoleSubject               // in Subject: this reports on mail
	RoleTold                  // in Subject: the reason comes behind it
	RoleFailed                // mail could not be delivered
	RoleDelayed               // mail is delayed, the server still tries
	RoleDelivered             // mail was delivered, relayed or expanded
	RoleFinal                 // the server gave up
	RoleHeading               // failed recipients come next
	RoleReturned              // the returned message comes next
	RoleContact               // an address here is somebody to ask
	RoleSender                // an address here is the sender's
	RoleNoise                 // such a line says nothing of the reason
	RoleReason                // words of a reason
	RoleLabel                 // the reason comes next ("Reason:")
	RoleVacation              // a person's automatic answer
	RoleChallenge             // the sender is to prove that a person wrote the mail
	RoleFollowOn              // a reply that only follows from an earlier one
	RoleConnect
	RoleHelo
	RoleStartTLS
	RoleAuth
	RoleMail
	RoleRcpt
	RoleData
	RoleQuit
	roleCount
)

// roleNames are the names of the roles in general.toml, in their order.
var roleNames = [roleCount]string{"from", "subject", "told", "failed", "delayed", "delivered", "final", "heading",
	"returned", "contact", "sender", "noise", "reason", "label", "vacation", "challenge", "follow-on",
	"connect", "helo", "starttls", "auth", "mail", "rcpt", "data", "quit"}

// Roles is a set of roles.
type Roles uint32

// Has reports that a role is in the set.
func (r Roles) Has(role Role) bool { return r&(1<<role) != 0 }

// General holds the words that any bounce may use.
type General struct {
	phrases []phrase
	// Hosts are the patterns that catch the server that spoke.
	Hosts []*Pattern
	// Reporters are the patterns that catch the server that wrote the report.
	Reporters []*Pattern
	// NoHosts are names behind an "@" that are no hosts, lower case.
	NoHosts []string
}

// IsHost reports that a name behind an "@" is not one of the NoHosts.
func (s *Set) IsHost(name string) bool { return !containsFold(s.general.NoHosts, name) }

type phrase struct {
	role    Role
	pattern *Pattern
}

type generalFileForm struct {
	Phrases []struct {
		Role string   `toml:"role"`
		Lang string   `toml:"lang"`
		List []string `toml:"list"`
	} `toml:"phrases"`
	Host     []string `toml:"host"`
	Reporter []string `toml:"reporter"`
	NoHosts  []string `toml:"no_hosts"`
}

func loadGeneral(dir fs.FS) (*General, error) {
	var f generalFileForm
	if err := decode(dir, generalFile, &f); err != nil {
		return nil, err
	}
	c := compiler{}
	g := &General{Hosts: c.all(f.Host), Reporters: c.all(f.Reporter), NoHosts: f.NoHosts}
	for _, list := range f.Phrases {
		role, err := roleNamed(list.Role)
		if err != nil {
			c.faults = append(c.faults, err)
			continue
		}
		for _, p := range c.all(list.List) {
			if len(p.needs) == 0 {
				c.faults = append(c.faults, fmt.Errorf("role %s: phrase %q needs a literal of %d bytes or more", list.Role, p.source, gram))
			}
			g.phrases = append(g.phrases, phrase{role, p})
		}
	}
	if err := errors.Join(c.faults...); err != nil {
		return nil, fmt.Errorf("%s: %w", generalFile, err)
	}
	return g, nil
}

func roleNamed(name string) (Role, error) {
	for i, n := range roleNames {
		if n == name {
			return Role(i), nil
		}
	}
	return 0, fmt.Errorf("unknown role %q", name)
}
