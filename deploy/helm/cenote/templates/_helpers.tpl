{{- define "cenote.labels" -}}
app.kubernetes.io/name: cenote
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cenote.check" -}}
{{- if not .Values.existingSecret }}{{ fail "existingSecret is needed: the Secret with CENOTE_MASTER_KEY; see values.yaml" }}{{ end }}
{{- if and (gt (int .Values.replicas) 1) (ne .Values.database "postgres") }}{{ fail "several replicas need database=postgres: the embedded database is for one" }}{{ end }}
{{- range list "listen" "metrics-listen" "data-dir" "database" }}
{{- if hasKey $.Values.settings . }}{{ fail (printf "settings.%s is set by the chart" .) }}{{ end }}
{{- end }}
{{- range list "smtp-url" "sms-url" "log-delivery" }}
{{- if contains "@" (get $.Values.settings . | toString) }}{{ fail (printf "settings.%s holds a password: put it into the Secret, see values.yaml" .) }}{{ end }}
{{- end }}
{{- end }}
