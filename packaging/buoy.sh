#!/bin/sh
# Buoy on the Node that came with it.
exec /usr/lib/buoy/node --max-semi-space-size=1 /usr/lib/buoy/bin/buoy.js "$@"
