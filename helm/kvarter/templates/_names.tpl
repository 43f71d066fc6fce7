{{/* The name of everything: that of the release, with the chart's behind it where it does not stand in it already. */}}
{{- define "kvarter.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 44 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/* The service that gives every node a name of its own. */}}
{{- define "kvarter.nodes" -}}
{{- include "kvarter.name" . }}-nodes
{{- end -}}

{{- define "kvarter.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "kvarter.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* What pods are found by. It never changes in the life of a release. */}}
{{- define "kvarter.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kvarter.labels" -}}
{{ include "kvarter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where the cluster file comes from. */}}
{{- define "kvarter.clusterFileConfigMap" -}}
{{- .Values.store.foundationdb.clusterFileFrom.configMap | default (printf "%s-foundationdb" (include "kvarter.name" .)) -}}
{{- end -}}

{{/* A store's address, as `kvarter node --store` takes it. */}}
{{- define "kvarter.store" -}}
{{- if eq .Values.store.kind "embedded" -}}
dir:/var/lib/kvarter
{{- else -}}
fdb:/foundationdb/fdb.cluster{{ with .Values.store.foundationdb.prefix }}?prefix={{ . }}{{ end }}
{{- end -}}
{{- end -}}

{{/* No right that a node does not need, and it needs none. */}}
{{- define "kvarter.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
