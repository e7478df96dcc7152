#!/bin/bash
# tempest.sh [REGEX]   The OpenStack project's own tests of the Image API, against `calco serve`.
# Needs what rigs/README.md names for tempest (python3-tempest) and $CALCO_SHARED (default ../shared). Run by hand; about a minute.
# env: IDENTITY             embedded (default), or keystone: the one that rigs/keystone-up.sh starts
#      CALCO_CONTENT_CHECK  known (default here: the tests send random bytes as qcow2, vhd …) or declared; with declared, the
#                           formats that the tests use are raw, ami, ari and aki, whose content may be anything
#      LOCATIONS=1          clients may say where content lies; CACHING=1 runs the tests of the cache, which is always there
#      STORES=1             a second store; tests that import into one store then wait for both, and fail, as with Glance
#      REMOTE=1             a second endpoint, for the tests of distributed imports
#      PORT (9492), COMMAND (the launcher), and those of rigs/tempest-image.sh
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
rigs=${CALCO_SHARED:-$root/../shared}/rigs
port=${PORT:-9492}
calco=${COMMAND:-$root/calco}
url=http://127.0.0.1:$port
work=$(mktemp -d /var/tmp/calco-tempest.XXXXXX)
export CALCO_HOME=$work/home CALCO_ADMIN_PASSWORD=admin CALCO_IMPORT_ALLOW=127.0.0.1,localhost
export CALCO_REMOTE_IMAGES=RegionOne=$url
export CALCO_CONTENT_CHECK=${CALCO_CONTENT_CHECK:-known}
[ "$CALCO_CONTENT_CHECK" = known ] || export EXTRA_CONF=$'[image]\ndisk_formats = raw,ami,ari,aki\ncontainer_formats = bare,ami,ari,aki'
[ -z "${LOCATIONS:-}" ] || export CALCO_LOCATIONS=show
[ -z "${STORES:-}" ] || export CALCO_STORES=second=$work/second
if [ -n "${REMOTE:-}" ]; then
  export REMOTE_URL=http://127.0.0.1:$((port + 1))
  export CALCO_SERVICES=image_remote=$REMOTE_URL
fi
pids=
trap 'kill $pids 2>/dev/null; wait || true; rm -rf "$work"' EXIT
if [ "${IDENTITY:-embedded}" = keystone ]; then
  "$rigs/keystone-up.sh" "$url" >/dev/null
  . "$rigs/env.sh"
  export CALCO_AUTH=keystone CALCO_KEYSTONE_URL=$KS_URL/v3 CALCO_KEYSTONE_USER=glance CALCO_KEYSTONE_PASSWORD=glance CALCO_KEYSTONE_PROJECT=service
fi
"$calco" serve --listen "127.0.0.1:$port" >"$work/serve.log" 2>&1 &
pids=$!
for _ in $(seq 1200); do curl -sf -o /dev/null "$url/healthz" && break; sleep 0.1; done
if [ -n "${REMOTE_URL:-}" ]; then # the same server at another address: all of a home's servers are one
  /usr/bin/python3 - "$((port + 1))" "$port" <<'P' &
import asyncio, sys
async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
async def serve(reader, writer):
    there, back = await asyncio.open_connection('127.0.0.1', int(sys.argv[2]))
    await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)
async def main():
    async with await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[1])) as server:
        await server.serve_forever()
asyncio.run(main())
P
  pids="$pids $!"
fi
W=${W:-$work/tempest}
export W
if [ "${IDENTITY:-embedded}" = keystone ]; then
  "$rigs/tempest-image.sh" "$url" "$@"
  exit
fi
account() { # NAME ROLE
  "$calco" project create "$1" >/dev/null
  echo tempest | "$calco" user create "$1" --project "$1" --role "$2" --password-stdin >/dev/null
  printf -- "- {username: %s, project_name: %s, password: tempest, domain_name: Default, user_domain_name: Default, project_domain_name: Default, roles: [%s]%s}\n" \
    "$1" "$1" "$3" "${4:-}" >>"$work/accounts.yaml"
}
for i in 1 2 3 4 5 6; do account "tempest-$i" member "member, reader"; done
for i in 1 2 3; do account "tempest-admin-$i" admin "admin, member, reader" ", types: [admin]"; done
NO_REGISTER=1 AUTH_URL=$url/identity/v3 ACCOUNTS=$work/accounts.yaml "$rigs/tempest-image.sh" "$url" "$@"
