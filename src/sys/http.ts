// Node's HTTP, without what `import … from 'node:http'` brings with it: that reads everything that the module offers,
// and its WebSocket is made by loading all of `fetch`, which takes 14 MB and some 50 ms. Types are imported as ever.

import type * as Http from 'node:http';
import type * as Https from 'node:https';

export const http: typeof Http = process.getBuiltinModule('node:http');

/** Only where TLS is spoken: this loads all of that. */
export function httpsModule(): typeof Https {
  return process.getBuiltinModule('node:https');
}
