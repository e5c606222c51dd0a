// The state that Buoy makes of a router beside the one that neutron-l3-agent made of it.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseNeutronRouters } from '../../src/intent/index.ts';
import { compile } from '../../src/layout/index.ts';
import type { NamespaceName } from '../../src/model/names.ts';
import { isFipNamespace, parseNamespaceName } from '../../src/model/names.ts';
import { ipv4 } from '../support/models.ts';
import { must } from '../support/must.ts';
import type { Difference } from './differences.ts';
import { DIFFERENCES } from './differences.ts';
import { buoyLines, neutronLines } from './neutron-state.ts';

const CAPTURES = new URL('../fixtures/neutron/dvr/', import.meta.url);
const DRIVERS = ['openvswitch', 'linuxbridge'];
/** What Neutron's agent chose for the router; a host that is taken over keeps it. */
const PAIRS = new Map([['0c858f80-9449-4ea6-abd3-e997bbf92934', ipv4('169.254.88.134')]]);

interface Found extends Pick<Difference, 'in' | 'only'> {
  readonly text: string;
}

function namespacesOf(driver: string): NamespaceName[] {
  const entries = readdirSync(new URL(`${driver}/`, CAPTURES), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => must(parseNamespaceName(name)));
}

function compileCapture(driver: string): ReturnType<typeof compile> {
  const file = new URL(`${driver}/routers.json`, CAPTURES);
  const model = parseNeutronRouters(readFileSync(file, 'utf8'), 'routers.json', {
    host: 'labhost',
    bridges: new Map(),
  });
  return compile(model, PAIRS, { instance: 'golden' });
}

function differencesOf(driver: string): Found[] {
  const state = compileCapture(driver);
  return namespacesOf(driver).flatMap((name) => {
    const neutron = new Set(neutronLines(new URL(`${driver}/${name}`, CAPTURES).pathname));
    const buoy = new Set(buoyLines(must(state.namespaces.get(name))));
    const kind = isFipNamespace(name) ? 'fip' : 'qrouter';
    return [
      ...[...neutron.difference(buoy)].map((text): Found => ({ in: kind, only: 'neutron', text })),
      ...[...buoy.difference(neutron)].map((text): Found => ({ in: kind, only: 'buoy', text })),
    ];
  });
}

function explains(difference: Difference, found: Found): boolean {
  return difference.in === found.in && difference.only === found.only && difference.line.test(found.text);
}

describe.each(DRIVERS)('Beside neutron-l3-agent with devices plugged by %s', (driver) => {
  test('Buoy makes the same namespaces', () => {
    const names = [...compileCapture(driver).namespaces.keys()].filter((name) => name !== '.');
    expect(names.sort()).toEqual(namespacesOf(driver).sort());
  });

  test('the same objects are in them, but for the differences that have a reason', () => {
    const unexplained = differencesOf(driver)
      .filter((found) => DIFFERENCES.filter((difference) => explains(difference, found)).length !== 1)
      .map((found) => `${found.in}: only ${found.only} has: ${found.text}`);
    expect(unexplained).toEqual([]);
  });

  test('most objects are the same', () => {
    const state = compileCapture(driver);
    const shared = namespacesOf(driver).map((name) => {
      const lines = new Set(neutronLines(new URL(`${driver}/${name}`, CAPTURES).pathname));
      return buoyLines(must(state.namespaces.get(name))).filter((line) => lines.has(line));
    });
    expect(shared.flat().length).toBeGreaterThan(60);
  });
});

test('No difference with a reason is none', () => {
  const found = DRIVERS.flatMap(differencesOf);
  const unused = DIFFERENCES.filter((difference) => !found.some((one) => explains(difference, one)));
  expect(unused.map(({ line, because }) => `${line.source}: ${because}`)).toEqual([]);
});
