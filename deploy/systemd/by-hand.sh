#!/bin/sh
# A command with all that a person needs, as root:  sh by-hand.sh status
# PROGRAM names another installation, as of a version that an upgrade is rehearsed with.
# What it does not need it does not get: of what systemd enforces it has what the services have.
set -eu
set -- "${PROGRAM:-/opt/tideline}/bin/tideline" "$@"
# With those that home.yaml names, such as MAIL_PASSWORD.
for file in /etc/tideline/credentials/[A-Z]*; do
  case ${file##*/} in
    *PORTAL* | POSTGRES_PASSWORD) ;;
    *) set -- --property="LoadCredential=${file##*/}:$file" "$@" ;;
  esac
done
exec systemd-run --pty --quiet --collect --uid=tideline --gid=tideline \
  --property=UMask=0077 --property=LimitCORE=0 --property=MemorySwapMax=0 \
  --property=NoNewPrivileges=yes --property=ProtectSystem=strict --property=PrivateTmp=yes \
  --property="ReadWritePaths=/srv/tideline /var/backups/tideline" \
  --setenv=TIDELINE_HOME=/srv/tideline/home "$@"
