package hostile_test

import (
	"maps"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// The requests of import jobs.
func init() {
	maps.Copy(validRequests, map[string]valid{
		"GetCSVHeader": {make: aboutPool(nil)},
		"CreateUserImportJob": {make: func(_ testing.TB, f *fixture) object {
			return importJob.with("UserPoolId", f.pool).with("JobName", fresh())
		}},
		"DescribeUserImportJob": {make: aboutImportJob},
		"ListUserImportJobs":    {make: aboutPool(object{"MaxResults": 5})},
		"StartUserImportJob":    {refused: fault.PreconditionNotMet, make: aboutImportJob}, // nothing was uploaded
		"StopUserImportJob":     {refused: fault.PreconditionNotMet, make: aboutImportJob}, // nothing has begun
	})
}

var importJob = object{"CloudWatchLogsRoleArn": "arn:aws:iam::000000000000:role/import"}

func aboutImportJob(t testing.TB, f *fixture) object {
	t.Helper()
	made := f.must(t, "CreateUserImportJob", importJob.with("UserPoolId", f.pool).with("JobName", fresh()))
	return object{"UserPoolId": f.pool, "JobId": made.at("UserImportJob", "JobId")}
}
