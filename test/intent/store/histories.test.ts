// Whatever is called in whatever order: the Model is one that `validate` accepts, what is kept of it from
// call to call is what the store would tell from scratch, and no address is free and in use.

import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { addressFromBytes } from '../../../src/intent/store/address-bytes.ts';
import { ModelCache } from '../../../src/intent/store/model-cache.ts';
import type { Row } from '../../../src/intent/store/row.ts';
import { addressOf, bytesOf } from '../../../src/intent/store/row.ts';
import { Sql } from '../../../src/intent/store/sql.ts';
import { formatAddress } from '../../../src/model/address.ts';
import type { IpAddress } from '../../../src/model/address.ts';
import { nextAddress } from '../../../src/model/subnet.ts';
import { validate } from '../../../src/model/validate.ts';
import { draftOfStore } from '../../support/store-draft.ts';
import { crowdedWorld, histories, isDone } from '../../support/store-histories.ts';
import { memoryStore, PLUGS } from '../../support/stores.ts';

test('every Model of a random history is valid, and the same as one that is made from scratch', () => {
  fc.assert(
    fc.property(isCrowded, histories, (hasWorld, calls) => {
      const { store, database } = memoryStore();
      if (hasWorld) crowdedWorld(store);
      for (const call of calls) {
        const before = contentsOf(database);
        if (isDone(store, call)) {
          expect(validate(draftOfStore(store))).toEqual([]);
          const fresh = new ModelCache(new Sql(database), PLUGS).model();
          if (!isDeepStrictEqual(store.model(), fresh)) expect(store.model()).toEqual(fresh);
        } else expect(isDeepStrictEqual(contentsOf(database), before)).toBe(true);
      }
      expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
      expect(freeAddresses(database)).toEqual(poolAddresses(database));
      database.close();
    }),
    { numRuns: 20 },
  );
});

const isCrowded = fc.nat(4).map((number) => number > 0);

function contentsOf(database: DatabaseSync): unknown {
  const tables = database.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all();
  return tables.map(({ name }) => database.prepare(`SELECT * FROM ${String(name)}`).all());
}

/** What the ranges say is free, one by one. */
function freeAddresses(database: DatabaseSync): string[] {
  return database.prepare('SELECT * FROM free_ranges').all().flatMap(addressesIn).sort();
}

/** What must be free: all of the pools that no port has. */
function poolAddresses(database: DatabaseSync): string[] {
  const used = new Set(
    database
      .prepare('SELECT * FROM fixed_ips')
      .all()
      .map((row) => `${String(row['subnet_id'])} ${formatAddress(addressOf(row, 'ip_address'))}`),
  );
  const pools = database.prepare('SELECT * FROM allocation_pools').all().flatMap(addressesIn);
  return pools.filter((address) => !used.has(address)).sort();
}

function addressesIn(range: Row): string[] {
  const last = addressFromBytes(bytesOf(range, 'last'));
  const found: string[] = [];
  for (let at: IpAddress = addressFromBytes(bytesOf(range, 'first')); at <= last; at = nextAddress(at)) {
    found.push(`${String(range['subnet_id'])} ${formatAddress(at)}`);
  }
  return found;
}
