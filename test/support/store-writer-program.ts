// Creates and deletes floating IPs in a store until it is killed, and tells of each when it is acknowledged.
//
//     node test/support/store-writer-program.ts FILE NETWORK

import { writeSync } from 'node:fs';
import { openFile } from '../../src/intent/store/open-file.ts';
import { Store } from '../../src/intent/store/store.ts';
import { make, memoryStore } from './stores.ts';

const [file = '', network = ''] = process.argv.slice(2);
const opened = openFile(file);
// Pages: so small a log is taken into the file again and again.
opened.database.exec('PRAGMA wal_autocheckpoint = 100');
const store = new Store(file, opened, memoryStore().settings, new Map());
const own: string[] = [];
for (let count = 1; ; count++) {
  const { id, floating_ip_address: address } = make(store, 'floatingips', { floating_network_id: network });
  own.push(id);
  writeSync(1, `+ ${id} ${String(address)}\n`);
  const oldest = count % 3 === 0 ? own.shift() : undefined;
  if (oldest === undefined) continue;
  // A deletion that is under way may or may not be done.
  writeSync(1, `? ${oldest}\n`);
  store.delete('floatingips', oldest);
  writeSync(1, `- ${oldest}\n`);
}
