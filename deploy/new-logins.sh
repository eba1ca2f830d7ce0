#!/bin/sh
# Writes a database URL with a new password for each login into a folder, as deploy/README.md says.
#   sh deploy/new-logins.sh FOLDER HOST[:PORT]
# Files that are there stay. Keys are not made here: `tideline init` makes them.
set -eu
umask 077
folder=$1 host=$2
# Others go through the folders above it, as to the portal's settings.
(umask 022; mkdir -p "$(dirname "$folder")")
mkdir -p "$folder"

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

write() { # file, content
  [ -e "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"
}

for login in OWNER '' PUBLIC DAGSTER PORTAL AUDITOR; do
  name=$(printf %s "${login:-restricted}" | tr '[:upper:]' '[:lower:]')
  write "TIDELINE_${login:+${login}_}PG_URL" "postgresql://tideline_${name}_login:$(random)@$host/tideline"
done
write POSTGRES_PASSWORD "$(random)"
