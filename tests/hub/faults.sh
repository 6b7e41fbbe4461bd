#!/bin/bash
# Every fault of network and Hub ends as the catalogue says: class, number of tries, message; and the token goes to the
# hub's first host only. The rows are in lib/faults.py; a second argument runs those whose name begins with it.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

command -v openssl >/dev/null || skip "openssl makes the certificates, and it is not installed"
make_fetching_workspace ws
mkdir cases
PYTHONDONTWRITEBYTECODE=1 python3 "$hub_lib/faults.py" "$taohf" "$work/ws" "$work/cases" ${2:+"$2"}
