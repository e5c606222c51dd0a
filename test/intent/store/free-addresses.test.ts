import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, addressFromBytes } from '../../../src/intent/store/address-bytes.ts';
import { giveBack, setPools, take, takeNext } from '../../../src/intent/store/free-addresses.ts';
import { bytesOf } from '../../../src/intent/store/row.ts';
import { Sql } from '../../../src/intent/store/sql.ts';
import { TABLES } from '../../../src/intent/store/tables.ts';
import { compareAddresses, formatAddress } from '../../../src/model/address.ts';
import type { IpAddress } from '../../../src/model/address.ts';
import { nextAddress } from '../../../src/model/subnet.ts';
import type { AddressRange } from '../../../src/model/subnet.ts';
import { anyAddress } from '../../model/arbitraries.ts';
import { ip } from '../../support/models.ts';

const SUBNET = 'subnet';
const range = (first: string, last: string): AddressRange => ({ first: ip(first), last: ip(last) });

/** Across the boundary where an address would be negative as a 32-bit number, and where bytes turn over. */
const WORLDS = [
  {
    pools: [range('127.255.255.252', '128.0.0.2'), range('128.0.0.4', '128.0.0.5')],
    addresses: ['127.255.255.251', '127.255.255.255', '128.0.0.0', '128.0.0.1', '128.0.0.3', '128.0.0.4', '128.0.0.5'],
  },
  {
    pools: [range('2001:db8::fffe', '2001:db8::1:3')],
    addresses: ['2001:db8::fffd', '2001:db8::ffff', '2001:db8::1:0', '2001:db8::1:1', '2001:db8::1:3', '2001:db8::1:4'],
  },
];

function addressesIn({ first, last }: AddressRange): IpAddress[] {
  const addresses: IpAddress[] = [];
  for (let at = first; at <= last; at = nextAddress(at)) addresses.push(at);
  return addresses;
}

const steps = fc.array(fc.tuple(fc.constantFrom('next', 'take', 'give', 'give', 'pools'), fc.nat(10)), {
  maxLength: 40,
});

test('what is free is what is in the pools and was not taken, whatever was taken and given back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...WORLDS), steps, ({ pools, addresses }, history) => {
      using database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
      database.exec(TABLES);
      const sql = new Sql(database);
      setPools(sql, SUBNET, pools);
      const taken = new Set<IpAddress>();
      const free = () => pools.flatMap(addressesIn).filter((address) => !taken.has(address));
      const occupy = (address: IpAddress): void => {
        taken.add(address);
        sql.run('INSERT INTO fixed_ips VALUES (?, ?, ?, 0)', SUBNET, formatAddress(address), 'port');
      };
      for (const [step, number] of history) {
        const address = ip(addresses[number % addresses.length] ?? '');
        if (step === 'next') {
          const expected = free()[0];
          expect(takeNext(sql, SUBNET)).toBe(expected);
          if (expected !== undefined) occupy(expected);
        } else if (step === 'take' && !taken.has(address)) {
          take(sql, SUBNET, address);
          occupy(address);
        } else if (step === 'give' && taken.delete(address)) {
          sql.run('DELETE FROM fixed_ips WHERE ip_address = ?', formatAddress(address));
          giveBack(sql, SUBNET, address);
        } else if (step === 'pools') setPools(sql, SUBNET, pools);

        const ranges = sql.all('SELECT first, last FROM free_ranges ORDER BY first').map((row) => ({
          first: addressFromBytes(bytesOf(row, 'first')),
          last: addressFromBytes(bytesOf(row, 'last')),
        }));
        expect(ranges.flatMap(addressesIn)).toEqual(free());
      }
    }),
    { numRuns: 150 },
  );
});

test('addresses are ordered as their bytes are, and are the same when they are read again', () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, (a, b) => {
      expect(addressFromBytes(addressBytes(a))).toBe(a);
      if (typeof a !== typeof b) return;
      expect(Buffer.compare(addressBytes(a), addressBytes(b))).toBe(compareAddresses(a, b));
    }),
  );
});

test('taking and giving back leaves no more ranges than there were', () => {
  using database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  database.exec(TABLES);
  const sql = new Sql(database);
  setPools(sql, SUBNET, [range('10.0.0.0', '10.0.3.255')]);
  const taken = Array.from({ length: 1024 }, () => takeNext(sql, SUBNET));
  expect(takeNext(sql, SUBNET)).toBeUndefined();
  // Every second one first, so that each is a range of its own; then those between them.
  const [even, odd] = [0, 1].map((rest) => taken.filter((_, index) => index % 2 === rest));
  for (const address of [...(even ?? []), ...(odd ?? [])]) if (address !== undefined) giveBack(sql, SUBNET, address);
  expect(sql.all('SELECT * FROM free_ranges')).toHaveLength(1);
});
