#!/bin/sh
# Makes what docker-compose.yml needs: an authority of your own, certificates signed by it, passwords. Edges need none of
# it: they enrol with a code (README, deployment).
#
#   sh config/deploy/make-secrets.sh [FOLDER]        (default: secrets)
#
# Needs openssl and mosquitto_passwd (Debian: apt-get install openssl mosquitto). Never overwrites: delete what shall be
# made anew. Keep the folder out of backups that others can read; ca.key belongs offline.
set -eu
umask 077
dir=${1:-secrets}
days=${DIPPER_CERTIFICATE_DAYS:-397}
mkdir -p "$dir/tls"

password() { [ -s "$dir/$1" ] || openssl rand -hex 24 > "$dir/$1"; }

if [ ! -s "$dir/tls/ca.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=Dipper authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$dir/tls/ca.key" -out "$dir/tls/ca.crt" 2>/dev/null
fi

certificate() {
  [ ! -s "$dir/tls/$1.crt" ] || return 0
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
    -keyout "$dir/tls/$1.key" -out "$dir/tls/$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$2" > "$dir/tls/$1.ext"
  openssl x509 -req -in "$dir/tls/$1.csr" -CA "$dir/tls/ca.crt" -CAkey "$dir/tls/ca.key" -CAcreateserial \
    -days "$days" -extfile "$dir/tls/$1.ext" -out "$dir/tls/$1.crt" 2>/dev/null
  rm "$dir/tls/$1.csr" "$dir/tls/$1.ext"
}
certificate database 'DNS:database,DNS:localhost,IP:127.0.0.1'
certificate broker "DNS:broker,DNS:localhost,IP:127.0.0.1${DIPPER_BROKER_NAME:+,DNS:$DIPPER_BROKER_NAME}"

password database-password
password hub-mqtt-password
password device-password
[ -s "$dir/database-url" ] || printf \
  'postgres://dipper:%s@database:5432/dipper?sslmode=verify-full&sslrootcert=/run/secrets/ca' \
  "$(cat "$dir/database-password")" > "$dir/database-url"

# A folder of its own, because the hub replaces the file when agents enrol.
mkdir -p "$dir/broker"
if [ ! -s "$dir/broker/passwords" ]; then
  : > "$dir/broker/passwords"
  mosquitto_passwd -b "$dir/broker/passwords" hub "$(cat "$dir/hub-mqtt-password")"
fi
# The broker gives up root before it reads these again.
chmod 755 "$dir/broker"
chmod 644 "$dir/broker/passwords" "$dir/tls/ca.crt" "$dir/tls/broker.crt" "$dir/tls/broker.key" "$dir/tls/database.crt"
echo "Made in $dir. Keep tls/ca.key away from this machine."
