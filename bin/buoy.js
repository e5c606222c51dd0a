#!/usr/bin/env node
// Starts Buoy, or says that Node is too old for it. Node reads a whole file before it runs the
// first line, so this one keeps to what Node 12 reads too, and leaves the rest to launch.js.

const OLDEST = 24;
/** `EXIT.unable` of src/errors/catalogue.ts. */
const UNABLE = 4;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `buoy: needs Node ${OLDEST} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      '  Install it from https://nodejs.org or with a version manager, and run the same command again.\n' +
      '  In a checkout, `npm start` fetches the right Node by itself; `node_modules/.bin/node bin/buoy.js` runs on it.\n',
  );
  process.exitCode = UNABLE;
} else {
  void import('./launch.js');
}
