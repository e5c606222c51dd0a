import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/errors.ts';
import { errorText } from '../../src/cli/output/error-report.ts';
import { colorsFor } from '../../src/cli/output/terminal.ts';
import { compile } from '../../src/layout/index.ts';
import { parseNeutronRouters, parseYaml } from '../../src/intent/index.ts';
import { formatAddress } from '../../src/model/address.ts';
import type { Model } from '../../src/model/model.ts';
import { HOST, LOOPBACK } from '../../src/model/names.ts';
import { errorsOf } from '../support/faults.ts';
import { must } from '../support/must.ts';

const PAGE = readFileSync('docs/intent.md', 'utf8');
const FILES = blocks('yaml file');
const SMALLEST = must(FILES[0]);

/** The contents of the fenced blocks that begin with these words. */
function blocks(words: string): readonly string[] {
  return [...PAGE.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, begin]) => begin === words)
    .map(([, , content]) => must(content));
}

/** All names of namespaces and devices that a model leads to. */
function namesOf(model: Model): readonly string[] {
  const { namespaces } = compile(model, new Map(), { instance: 'default' });
  const links = [...namespaces.values()].flatMap((state) => [...state.links.keys()]);
  const names: readonly string[] = [...namespaces.keys(), ...links];
  return names.filter((name) => name !== HOST && name !== LOOPBACK);
}

test.each(FILES.map((text) => [text]))('a whole file is valid: %s', (text) => {
  expect(parseYaml(text, 'intent.md').routers.size).toBeGreaterThan(0);
});

test('the smallest file has five lines', () => {
  expect(SMALLEST.trimEnd().split('\n')).toHaveLength(5);
});

test('errors are printed as shown', () => {
  const [wrong] = blocks('yaml wrong.yaml');
  const errors = errorsOf(() => parseYaml(must(wrong), 'wrong.yaml'));
  const printed = errorText(errors, colorsFor(process.stderr, 'never'), false);
  expect(blocks('text')).toContain(`$ buoy validate wrong.yaml\n${printed}`);
});

describe('names', () => {
  const rows = [...PAGE.matchAll(/^\| `[a-z]+-?` \|.*\| `(.*)` \| `(.*)` \|$/gm)];
  const neutron = readFileSync('test/fixtures/neutron/dvr-openvswitch-routers.json', 'utf8');

  test.each([
    ['the smallest file', 1, parseYaml(SMALLEST, 'intent.md')],
    ['Neutron', 2, parseNeutronRouters(neutron, 'routers.json', { host: 'labhost' })],
  ] as const)('those from %s are all that there are', (_from, column, model) => {
    expect(rows.map((row) => must(row[column])).sort()).toEqual(namesOf(model).toSorted());
  });
});

test("this host's own port has the address that the page says", () => {
  const { agentGateway } = must(parseYaml(SMALLEST, 'intent.md').networks.get('public'));
  const [own] = must(agentGateway).addresses;
  expect(PAGE).toContain(`In the smallest file above that is ${formatAddress(must(own).address)}.`);
});

test('every error code is in the catalogue, and linked to its own heading', () => {
  const links = [...PAGE.matchAll(/\[(BUOY_\w+)\]\(errors\.md#(\w+)\)/g)];
  expect(links.length).toBeGreaterThan(20);
  for (const [, code, anchor] of links) {
    expect(Object.keys(CATALOGUE)).toContain(code);
    expect(anchor).toBe(must(code).toLowerCase());
  }
});
