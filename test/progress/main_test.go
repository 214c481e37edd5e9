package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheStreamBecomesWhatGoTestPrints(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := &report{out: &out, kept: map[name][]string{}, running: map[string]time.Time{}, current: map[string]string{}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, line := range []string{
		`{"Action":"start","Package":"good"}`, `{"Action":"run","Package":"good","Test":"TestA"}`,
		`{"Action":"output","Package":"good","Test":"TestA","Output":"chatter\n"}`, `{"Action":"pass","Package":"good","Test":"TestA"}`,
	} {
		r.take(line, start)
	}
	r.tell(start.Add(30 * time.Second))
	for _, line := range []string{
		`{"Action":"output","Package":"good","Output":"PASS\n"}`, `{"Action":"output","Package":"good","Output":"ok  \tgood\t0.1s\n"}`, `{"Action":"pass","Package":"good"}`,
		"no event\n",
	} {
		r.take(line, start)
	}
	if want := "...\tgood\t30s\tTestA\nok  \tgood\t0.1s\nno event\n"; out.String() != want || r.failed {
		t.Errorf("got %q (failed: %v), want %q", out.String(), r.failed, want)
	}

	out.Reset()
	for _, line := range []string{
		`{"Action":"start","Package":"bad"}`, `{"Action":"output","Package":"bad","Test":"TestB","Output":"why\n"}`, `{"Action":"fail","Package":"bad","Test":"TestB"}`,
		`{"Action":"output","Package":"bad","Test":"TestC","Output":"panic: lost\n"}`,
		`{"Action":"output","Package":"bad","Output":"FAIL\tbad\t0.1s\n"}`, `{"Action":"fail","Package":"bad"}`,
	} {
		r.take(line, start)
	}
	if want := "why\npanic: lost\nFAIL\tbad\t0.1s\n"; out.String() != want || !r.failed {
		t.Errorf("got %q (failed: %v), want %q", out.String(), r.failed, want)
	}
}
