#!/bin/sh
# Makes the database, its owner's login and one for each role, as the URLs in SECRETS name them.
# PostgreSQL's image runs it once, when the database is first made; on a server of your own run it as
# a superuser (PGHOST and PGUSER say where). Of what is there it changes the times of the portal's
# login alone.
set -eu
# In the image the user has a number and no name.
export PGUSER="${PGUSER:-${POSTGRES_USER:-postgres}}"

part_of() { # URL part
  url=${1#*://}; url=${url%%\?*}
  case $2 in
    name) echo "${url%%:*}" ;;
    password) url=${url#*:}; echo "${url%%@*}" ;;
    database) echo "${url##*/}" ;;
  esac
}

login() { # file, attributes and role to make the login with
  url=$(cat "$SECRETS/$1")
  PASSWORD=$(part_of "$url" password) psql --quiet --no-psqlrc --dbname postgres \
    --set ON_ERROR_STOP=1 --set name="$(part_of "$url" name)" <<SQL
\getenv password PASSWORD
SELECT format('CREATE ROLE %I LOGIN $2 PASSWORD %L $3', :'name', :'password')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SQL
}

login TIDELINE_OWNER_PG_URL CREATEROLE ''
owner=$(part_of "$(cat "$SECRETS/TIDELINE_OWNER_PG_URL")" name)
database=$(part_of "$(cat "$SECRETS/TIDELINE_OWNER_PG_URL")" database)
psql --quiet --no-psqlrc --dbname postgres --set ON_ERROR_STOP=1 \
  --set owner="$owner" --set database="$database" <<'SQL'
SELECT format('CREATE ROLE %I NOLOGIN', one) FROM unnest(ARRAY['tideline_restricted',
  'tideline_public', 'tideline_dagster', 'tideline_portal', 'tideline_auditor']) AS one
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = one) \gexec
-- The owner grants them their rights, and is asked whether it could become them.
SELECT format('GRANT %I TO %I', one, :'owner') FROM unnest(ARRAY['tideline_restricted',
  'tideline_public', 'tideline_dagster', 'tideline_portal', 'tideline_auditor']) AS one \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO tideline_restricted, tideline_public,
  tideline_dagster, tideline_portal, tideline_auditor', :'database') \gexec
SQL
login TIDELINE_PG_URL '' 'IN ROLE tideline_restricted'
login TIDELINE_PUBLIC_PG_URL '' 'IN ROLE tideline_public'
login TIDELINE_DAGSTER_PG_URL '' 'IN ROLE tideline_dagster'
login TIDELINE_PORTAL_PG_URL '' 'IN ROLE tideline_portal'
# Sessions that were forgotten hold no lock by which somebody leaves; a thief can set them back.
portal=$(part_of "$(cat "$SECRETS/TIDELINE_PORTAL_PG_URL")" name)
psql --quiet --no-psqlrc --dbname postgres --set ON_ERROR_STOP=1 --set portal="$portal" <<'SQL'
SELECT format('ALTER ROLE %I SET %I = %L', :'portal', setting, most) FROM (VALUES
  ('idle_session_timeout', '10min'), ('idle_in_transaction_session_timeout', '10s'),
  ('statement_timeout', '10s')) AS kept (setting, most) \gexec
SQL
login TIDELINE_AUDITOR_PG_URL '' 'IN ROLE tideline_auditor'
