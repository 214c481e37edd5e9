package tracing

import (
	"fmt"
	"strconv"
	"strings"
)

// mostSpans bounds a queue of spans, for which the SDK makes room at once.
const mostSpans = 1 << 20

// checkSDK refuses values of the variables that the SDK reads by itself: of those it does not understand it goes by the default, and it panics about
// others. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
func checkSDK(get func(string) string) error {
	for _, setting := range []struct {
		name  string
		check func(value string) error
	}{
		{"OTEL_TRACES_SAMPLER", checkSampler},
		{"OTEL_TRACES_SAMPLER_ARG", func(value string) error {
			if !strings.HasSuffix(strings.ToLower(strings.TrimSpace(get("OTEL_TRACES_SAMPLER"))), "traceidratio") {
				return nil // no other sampler looks at it
			}
			return checkRatio(value)
		}},
		{"OTEL_BSP_SCHEDULE_DELAY", checkNumber},
		{"OTEL_BSP_EXPORT_TIMEOUT", checkNumber},
		{"OTEL_BSP_MAX_QUEUE_SIZE", checkNumber},
		{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", checkNumber},
	} {
		value := get(setting.name)
		if value == "" {
			continue
		}
		if err := setting.check(value); err != nil {
			return fmt.Errorf("%s: %w", setting.name, err)
		}
	}
	return nil
}

func checkSampler(value string) error {
	kind, _ := strings.CutPrefix(strings.ToLower(strings.TrimSpace(value)), "parentbased_")
	switch kind {
	case "always_on", "always_off", "traceidratio":
		return nil
	}
	return fmt.Errorf("%q is not always_on, always_off or traceidratio, each also after parentbased_", value)
}

func checkRatio(value string) error {
	ratio, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) { // NaN is neither
		return fmt.Errorf("%q is not a number from 0 to 1", value)
	}
	return nil
}

// checkNumber takes the milliseconds and spans of a batch.
func checkNumber(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > mostSpans {
		return fmt.Errorf("%q is not a number from 1 to %d", value, mostSpans)
	}
	return nil
}
