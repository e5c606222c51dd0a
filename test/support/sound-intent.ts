// A sound intent in YAML, for tests that make one thing of it wrong.

import { expect } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { parseYaml } from '../../src/intent/index.ts';
import { codesOf, errorsOf, unmark } from './faults.ts';

/** A sound intent, whose sections a test replaces. */
export interface Sections {
  readonly networks: string;
  readonly subnets: string;
  readonly routers: string;
  readonly floatingips: string;
  readonly more: string;
}

export const SOUND: Sections = {
  networks: `
  - {name: public, 'router:external': true, bridge: br-ex}
  - {name: blue, bridge: br-blue}
  - {name: green, bridge: br-green}`,
  subnets: `
  - {name: public, network_id: public, cidr: 203.0.113.0/24}
  - {name: blue, network_id: blue, cidr: 10.0.0.0/24}
  - {name: green, network_id: green, cidr: 10.0.0.0/24}`,
  routers: `
  - name: blue
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: blue}]
  - name: green
    external_gateway_info: {network_id: public}
    interfaces: [{subnet_id: green}]`,
  floatingips: `
  - {floating_ip_address: 203.0.113.10, router_id: blue, fixed_ip_address: 10.0.0.10}
  - {floating_ip_address: 203.0.113.11, router_id: green, fixed_ip_address: 10.0.0.10}`,
  more: '',
};

export function intent(changed: Partial<Sections>): string {
  const { networks, subnets, routers, floatingips, more } = { ...SOUND, ...changed };
  return `networks:${networks}\nsubnets:${subnets}\nrouters:${routers}\nfloatingips:${floatingips}\n${more}`;
}

/** The errors of a marked intent: these codes, at the marks. */
export function expectErrors(marked: string, expected: readonly ErrorCode[]): void {
  const { text, positions } = unmark(marked, 'intent.yaml');
  const errors = errorsOf(() => parseYaml(text, 'intent.yaml'));
  const place = (line?: number, column?: number) => `${line}:${column}`;
  const found = errors.map(
    ({ code, position, message }) => `${code} at ${place(position?.line, position?.column)} (${message})`,
  );
  expect(codesOf(errors), found.join('\n')).toEqual(expected);
  expect(
    errors.map(({ position }) => position),
    found.join('\n'),
  ).toEqual(positions);
  for (const error of errors) expect(error.remedy).toMatch(/^.+[.?]$/);
}

/** A way for an intent to be wrong, with marks at the places of its errors. */
export interface Case {
  readonly name: string;
  readonly with: Partial<Sections>;
  readonly codes: readonly ErrorCode[];
}
