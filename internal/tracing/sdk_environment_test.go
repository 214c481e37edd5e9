package tracing

import (
	"strings"
	"testing"
)

func TestVariablesOfTheSDKMakeSense(t *testing.T) {
	t.Parallel()
	const sampler, ratio = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
	for name, tc := range map[string]struct {
		variables map[string]string
		says      string // empty: all are well
	}{
		"none":                         {nil, ""},
		"a twentieth":                  {map[string]string{sampler: "parentbased_traceidratio", ratio: "0.05"}, ""},
		"upper case":                   {map[string]string{sampler: " ALWAYS_OFF "}, ""},
		"an unused argument":           {map[string]string{sampler: "always_on", ratio: "half"}, ""},
		"all numbers":                  {map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_BSP_EXPORT_TIMEOUT": "30000", "OTEL_BSP_MAX_QUEUE_SIZE": "4096", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "64"}, ""},
		"a sampler that there is not":  {map[string]string{sampler: "jaeger_remote"}, `OTEL_TRACES_SAMPLER: "jaeger_remote" is not always_on`},
		"more than all":                {map[string]string{sampler: "traceidratio", ratio: "5"}, `OTEL_TRACES_SAMPLER_ARG: "5" is not a number from 0 to 1`},
		"no number":                    {map[string]string{sampler: "parentbased_traceidratio", ratio: "5%"}, `OTEL_TRACES_SAMPLER_ARG: "5%" is not`},
		"not a number":                 {map[string]string{sampler: "traceidratio", ratio: "NaN"}, `OTEL_TRACES_SAMPLER_ARG: "NaN" is not`},
		"a delay with a unit":          {map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "5s"}, `OTEL_BSP_SCHEDULE_DELAY: "5s" is not a number`},
		"a queue below zero":           {map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "-3"}, `OTEL_BSP_MAX_QUEUE_SIZE: "-3" is not a number from 1`},
		"a queue larger than memory":   {map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "99999999999999999999"}, `OTEL_BSP_MAX_QUEUE_SIZE: "99999999999999999999" is not`},
		"batches of nothing":           {map[string]string{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "0"}, `OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "0" is not`},
		"an export that takes no time": {map[string]string{"OTEL_BSP_EXPORT_TIMEOUT": "-1"}, `OTEL_BSP_EXPORT_TIMEOUT: "-1" is not`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checkSDK(func(name string) string { return tc.variables[name] })
			if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.says)) {
				t.Errorf("got %v, want %q", err, tc.says)
			}
		})
	}
}
