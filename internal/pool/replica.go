package pool

import (
	"regexp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// replicas is what the feature is called where a tier lacks it.
const replicas = "Multi-Region Replication"

// region is the form of an AWS region's name.
var region = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$`)

// Primary returns the pool as the only one of its replicas: a server has one region, and a pool is primary there.
func (p *Pool) Primary() wire.UserPoolReplicaType {
	return wire.UserPoolReplicaType{RegionName: p.Region(), Status: "ACTIVE", Role: "PRIMARY", UserPoolArn: p.Settings.Arn}
}

// CheckReplicate refuses a replica: always, since there is no second region to put it in, and earlier where the request could not be met
// anywhere.
func (p *Pool) CheckReplicate(in *wire.CreateUserPoolReplicaInput) error {
	if err := checkRegion(in.RegionName); err != nil {
		return err
	}
	if flaw := tagFlaw(in.UserPoolTags); flaw != "" {
		return fault.New(fault.UserPoolTagging, flaw)
	}
	switch {
	case in.RegionName == p.Region():
		return fault.Newf(fault.InvalidParameter, "The user pool is in the Region %s already.", in.RegionName)
	case p.Settings.UserPoolTier == Lite:
		return unavailable(Lite, replicas)
	}
	return fault.Newf(fault.OperationNotEnabled, "Replication is not enabled: this server has no Region beside %s. "+
		"Run several nodes over one replicated database instead.", p.Region())
}

// CheckReplica refuses a change of a replica, of which there is none beside the primary one.
func (p *Pool) CheckReplica(name string) error {
	if err := checkRegion(name); err != nil {
		return err
	}
	if name == p.Region() {
		return fault.New(fault.InvalidParameter, "The primary replica of a user pool can not be changed or deleted.")
	}
	return fault.Newf(fault.ResourceNotFound, "User pool %s has no replica in the Region %s.", p.ID, name)
}

func checkRegion(name string) error {
	if !region.MatchString(name) {
		return fault.Newf(fault.InvalidParameter, "Invalid Region: %s", excerpt(name, 40))
	}
	return nil
}
