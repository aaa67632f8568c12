{{- define "bitgibbs.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "bitgibbs.coordinator" -}}{{ include "bitgibbs.fullname" . }}-coordinator{{- end -}}
{{- define "bitgibbs.worker" -}}{{ include "bitgibbs.fullname" . }}-worker{{- end -}}

{{/* Labels that select the pods of a part: call with (list . "worker"). */}}
{{- define "bitgibbs.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "bitgibbs.labels" -}}
{{- $root := index . 0 -}}
{{ include "bitgibbs.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- define "bitgibbs.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "bitgibbs.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "bitgibbs.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Secret with the certificate of a part. */}}
{{- define "bitgibbs.tlsSecret" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- $given := ternary $root.Values.tls.coordinatorSecret $root.Values.tls.workerSecret (eq $part "coordinator") -}}
{{- $given | default (printf "%s-%s-tls" (include "bitgibbs.fullname" $root) $part) -}}
{{- end -}}

{{/* Variables that both parts have, and those of the values; call with the values of the part. */}}
{{- define "bitgibbs.env" -}}
- name: BITGIBBS_LOG_FORMAT
  value: json
# It ends by itself before it is killed.
- name: BITGIBBS_GRACE
  value: {{ sub .gracePeriodSeconds 5 | quote }}
{{- range $name, $value := .env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "bitgibbs.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: metrics }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: metrics }
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}

{{- define "bitgibbs.tlsEnv" -}}
- name: BITGIBBS_TLS_CERT
  value: /etc/bitgibbs/tls/tls.crt
- name: BITGIBBS_TLS_KEY
  value: /etc/bitgibbs/tls/tls.key
- name: BITGIBBS_TLS_CA
  value: /etc/bitgibbs/tls/ca.crt
{{- end -}}
