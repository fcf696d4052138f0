{{- define "runs-agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "runs-agent.fullname" -}}
{{- $name := include "runs-agent.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "runs-agent.selector" -}}
app.kubernetes.io/name: {{ include "runs-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "runs-agent.labels" -}}
{{ include "runs-agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "runs-agent.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "runs-agent.policyConfigMap" -}}
{{- default (printf "%s-policy" (include "runs-agent.fullname" .)) .Values.existingPolicyConfigMap }}
{{- end }}

{{- /* The variables whose values are files of the Secret, with its keys: what stands for both the mounts and the environment. */}}
{{- define "runs-agent.secretFiles" -}}
{{- $s := .Values.secrets }}
GITHUB_WEBHOOK_SECRET: {{ $s.webhookSecretKey | quote }}
CURRENTS_API_KEY: {{ $s.apiKeyKey | quote }}
GITHUB_TOKEN: {{ $s.githubTokenKey | quote }}
GITHUB_APP_PRIVATE_KEY: {{ $s.githubAppPrivateKeyKey | quote }}
RUNS_AGENT_ADMIN_TOKEN: {{ $s.adminTokenKey | quote }}
RUNS_AGENT_ADMIN_READ_TOKEN: {{ $s.adminReadTokenKey | quote }}
RUNS_AGENT_NOTIFY_URL: {{ $s.notifyUrlKey | quote }}
{{- end }}

{{- /* What cannot work is refused here, and not by a pod that does not start. */}}
{{- define "runs-agent.check" -}}
{{- $v := .Values }}
{{- $given := or $v.database.existingSecret $v.database.url }}
{{- if eq $v.database.kind "sqlite" }}
{{- if ne (int $v.replicas) 1 }}
{{- fail (printf "replicas is %d, but a SQLite database has one writer: set replicas to 1, or database.kind to postgresql" (int $v.replicas)) }}
{{- end }}
{{- if $given }}
{{- fail "database.existingSecret and database.url are PostgreSQL's, and would not be used: set database.kind to postgresql, or leave them out" }}
{{- end }}
{{- else }}
{{- if not $given }}
{{- fail "database.kind is postgresql, but nothing says where it is: set database.existingSecret to a Secret that holds postgresql://…, or database.url" }}
{{- end }}
{{- if and $v.database.existingSecret $v.database.url }}
{{- fail "database.existingSecret and database.url are both set: leave one out" }}
{{- end }}
{{- if $v.persistence.existingClaim }}
{{- fail "persistence.existingClaim is for SQLite; with database.kind postgresql nothing is kept in it: leave it out" }}
{{- end }}
{{- end }}
{{- if contains "OWNER/" $v.image.repository }}
{{- fail "image.repository is not set: name the image of your copy, such as ghcr.io/octo/runs-agent" }}
{{- end }}
{{- if and $v.policy $v.existingPolicyConfigMap }}
{{- fail "policy and existingPolicyConfigMap are both set: leave one out" }}
{{- end }}
{{- if and $v.admin.enabled (not $v.secrets.adminTokenKey) }}
{{- fail "admin.enabled needs a token: set secrets.adminTokenKey to the key of it in the Secret" }}
{{- end }}
{{- if and $v.ingress.enabled (not $v.ingress.host) }}
{{- fail "ingress.enabled needs ingress.host, the name that GitHub posts to" }}
{{- end }}
{{- if ne (empty $v.github.appId) (empty $v.secrets.githubAppPrivateKeyKey) }}
{{- fail "a GitHub App needs both github.appId and secrets.githubAppPrivateKeyKey" }}
{{- end }}
{{- if and $v.tls.existingSecret (eq $v.tls.certificateKey $v.tls.keyKey) }}
{{- fail "tls.certificateKey and tls.keyKey are the same: one is the key of the certificate in the Secret, the other that of its private key" }}
{{- end }}
{{- if and $v.metrics.serviceMonitor.tlsConfig (not $v.tls.existingSecret) }}
{{- fail "metrics.serviceMonitor.tlsConfig is for tls.existingSecret, without which the metrics are plain HTTP: leave it out" }}
{{- end }}
{{- with $v.metrics.serviceMonitor }}
{{- $how := default dict .tlsConfig }}
{{- if and .enabled $v.tls.existingSecret (not (or $how.serverName $how.insecureSkipVerify)) }}
{{- fail "metrics.serviceMonitor: Prometheus asks the pod by its address, for which no certificate is made, so that every scrape would fail: set metrics.serviceMonitor.tlsConfig.serverName to a name in the certificate" }}
{{- end }}
{{- end }}
{{- range $variable, $value := $v.env }}
{{- if hasPrefix "RUNS_AGENT_TLS_" $variable }}
{{- fail (printf "env.%s: set tls.existingSecret, so that the probes ask by HTTPS too" $variable) }}
{{- end }}
{{- end }}
{{- range $v.args }}
{{- if eq . "--embedded" }}
{{- fail "this chart is for the daemon; it has no port and no disk for the embedded Runs API (--embedded): packaging/compose has" }}
{{- end }}
{{- end }}
{{- end }}
