#!/bin/sh
# Buoy on the Node that came with it.
exec /usr/lib/buoy/node /usr/lib/buoy/bin/buoy.js "$@"
