#!/bin/sh
# Starts the collector once its queue has been checked: a corrupt file would end it at every start, so it is moved aside before.
set -eu
corrupt=$COLLECTOR_QUEUE/corrupt
mkdir -p "$corrupt"

for file in "$COLLECTOR_QUEUE"/*; do
  [ -f "$file" ] || continue
  bbolt check "$file" > /dev/null 2>&1 && continue
  aside=$corrupt/$(basename "$file").$(date -u +%Y-%m-%dT%H-%M-%SZ)
  mv "$file" "$aside"
  echo "The collector's queue was corrupt and is moved aside; the spans in it were not delivered: $aside" >&2
done

# counted at every start until somebody has looked and deleted them; the collector's target_info says so to Prometheus
COLLECTOR_CORRUPT_QUEUES=$(find "$corrupt" -type f | wc -l | tr -d ' ')
# a little under the memory that containers give it: above, Go collects garbage rather than dies
GOMEMLIMIT=${GOMEMLIMIT:-400MiB}
export COLLECTOR_CORRUPT_QUEUES GOMEMLIMIT
exec leadlight-collector "$@"
