#!/bin/sh
# Starts Alertmanager in the directory it is called in, with the receivers and the links that the environment names:
#
#   ON_CALL_…, TICKETS_…   URL (a webhook), EMAIL, SLACK_URL (with SLACK_CHANNEL), PAGERDUTY_KEY; any of them, or several
#   DEADMAN_URL            hears the watchdog
#   SMTP_HOST SMTP_FROM    for EMAIL: host:port and sender; SMTP_USER and SMTP_PASSWORD where the server wants them
#   PAGERDUTY_API          another address than PagerDuty's own
#   GRAFANA_URL, OPERATIONS_URL   for links in what people are told
#
# Each secret (…_URL of webhooks and Slack, …_KEY, SMTP_PASSWORD) may come from a file instead: the same name with _FILE.
set -eu
umask 077
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p receivers templates

fail() {
  echo "Alertmanager cannot start: $1" >&2
  exit 1
}

# A value that goes into the configuration itself must look like what it is.
# $1 name, $2 value, $3 pattern
check() {
  # one line of it: grep would be content with any
  [ "$(printf %s "$2" | wc -l)" -eq 0 ] && printf '%s\n' "$2" | grep -Eqx "$3" || fail "$1 is \"$2\", which does not look right"
}

# Puts a secret where Alertmanager reads it; says whether there is one. $1 name of the variable, $2 file
secret() {
  eval "value=\${$1:-} file=\${$1_FILE:-}"
  if [ -n "$file" ]; then
    [ -r "$file" ] || fail "$1_FILE is $file, which cannot be read"
    cat "$file" > "receivers/$2"
  elif [ -n "$value" ]; then
    printf %s "$value" > "receivers/$2"
  else
    rm -f "receivers/$2"
    return 1
  fi
}

# $1 name of the receiver, $2 prefix of its variables
receiver() {
  echo "  - name: $1"
  if secret "$2_URL" "$1.url"; then
    echo "    webhook_configs: [{url_file: receivers/$1.url, send_resolved: true}]"
  fi
  eval "email=\${$2_EMAIL:-} channel=\${$2_SLACK_CHANNEL:-}"
  if [ -n "$email" ]; then
    check "$2_EMAIL" "$email" '[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+'
    check SMTP_HOST "${SMTP_HOST:-}" '[A-Za-z0-9.-]+:[0-9]+'
    check SMTP_FROM "${SMTP_FROM:-}" '[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+'
    echo "    email_configs:"
    echo "      - to: $email"
    echo "        from: $SMTP_FROM"
    echo "        smarthost: $SMTP_HOST"
    echo "        send_resolved: true"
    echo "        headers: {Subject: '{{ template \"leadlight.title\" . }}'}"
    echo "        html: ''"
    echo "        text: '{{ template \"leadlight.text\" . }}'"
    if [ -n "${SMTP_USER:-}" ]; then
      check SMTP_USER "$SMTP_USER" '[A-Za-z0-9.+_@-]+'
      secret SMTP_PASSWORD smtp.password || fail 'SMTP_USER needs SMTP_PASSWORD or SMTP_PASSWORD_FILE'
      echo "        auth_username: $SMTP_USER"
      echo "        auth_password_file: receivers/smtp.password"
    else
      case $SMTP_HOST in localhost:* | 127.0.0.1:*) echo '        require_tls: false' ;; esac
    fi
  fi
  if secret "$2_SLACK_URL" "$1.slack"; then
    echo "    slack_configs:"
    echo "      - api_url_file: receivers/$1.slack"
    if [ -n "$channel" ]; then
      check "$2_SLACK_CHANNEL" "$channel" '[#@]?[A-Za-z0-9._-]+'
      echo "        channel: '$channel'"
    fi
    echo "        send_resolved: true"
    echo "        title: '{{ template \"leadlight.title\" . }}'"
    echo "        title_link: ''"
    echo "        text: '{{ template \"leadlight.text\" . }}'"
    echo "        fallback: '{{ template \"leadlight.title\" . }}'"
    echo "        footer: ''"
  fi
  if secret "$2_PAGERDUTY_KEY" "$1.pagerduty"; then
    echo "    pagerduty_configs:"
    echo "      - routing_key_file: receivers/$1.pagerduty"
    if [ -n "${PAGERDUTY_API:-}" ]; then
      check PAGERDUTY_API "$PAGERDUTY_API" 'https?://[A-Za-z0-9.:/_-]+'
      echo "        url: $PAGERDUTY_API"
    fi
    echo "        send_resolved: true"
    echo "        description: '{{ template \"leadlight.title\" . }}'"
    echo "        client: Leadlight"
    echo "        client_url: ''"
    # Alertmanager reads each as YAML once it is filled in, and fills in what that holds again: a label could be a template. No YAML
    # begins with "* ", and the four that are there unless named would hold every label as it came.
    echo "        details: {text: '* {{ template \"leadlight.text\" . }}', firing: '', resolved: '', num_firing: '', num_resolved: ''}"
  fi
}

cp "$source"/templates/*.tmpl templates/
{
  echo '{{/* Made by start.sh. */}}'
  grafana=${GRAFANA_URL:-} operations=${OPERATIONS_URL:-}
  printf '{{ define "leadlight.dashboard" }}'
  if [ -n "$grafana" ]; then
    check GRAFANA_URL "$grafana" 'https?://[A-Za-z0-9.:/_-]+'
    printf '{{ if match "^[a-z-]{1,40}$" .Annotations.dashboard }}\nDashboard: %s/d/leadlight-{{ .Annotations.dashboard }}{{ end }}' "${grafana%/}"
  fi
  printf '{{ end }}\n{{ define "leadlight.overview" }}'
  if [ -n "$operations" ]; then
    check OPERATIONS_URL "$operations" 'https?://[A-Za-z0-9.:/_-]+'
    printf '\n\nWhat is up and what is firing: %s/' "${operations%/}"
  fi
  printf '{{ end }}\n'
} > templates/links.tmpl

{
  sed '/^receivers:$/,$d' "$source/alertmanager.yml"
  echo receivers:
  receiver on-call ON_CALL
  receiver tickets TICKETS
  echo '  - name: watchdog'
  if secret DEADMAN_URL watchdog.url; then
    # who listens for a sign of life must not take the end of it for one
    echo '    webhook_configs: [{url_file: receivers/watchdog.url, send_resolved: false}]'
  fi
} > alertmanager.yml

# what comes after it is for Alertmanager; --print only shows the configuration
if [ "${1:-}" = --print ]; then
  cat alertmanager.yml
  exit
fi
# one alone, whose notifications are counted for each receiver
exec alertmanager --config.file=alertmanager.yml --storage.path=data --cluster.listen-address= \
  --enable-feature=receiver-name-in-metrics "$@"
