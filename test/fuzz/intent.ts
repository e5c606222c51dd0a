// Fuzzers of intents: whatever a file says, a sound Model comes of it, or errors with codes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse as loadYaml } from 'yaml';
import { parseNeutronRouters, parseYaml } from '../../src/intent/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import { listing } from '../../src/host/listing.ts';
import { NO_FOREIGN } from '../../src/host/state.ts';
import type { Model } from '../../src/model/model.ts';
import { errorsOf } from '../support/faults.ts';
import { must } from '../support/must.ts';
import type { Fuzzer } from './fuzzer.ts';
import { fuzzer } from './fuzzer.ts';

type Parse = (text: string) => Model;

/** Lists of a hundred errors and their count. */
const MOST_ERRORS = 101;
const LONGEST_MESSAGE = 2000;

/** What any Model promises (src/model/model.ts). */
function checkSound(model: Model): void {
  const { networks, routers } = model;
  for (const router of routers.values()) {
    const external = router.externalNetworkId;
    if (external === undefined) assert.equal(router.floatingIps.size, 0);
    else assert.notEqual(must(networks.get(external)).agentGateway, undefined);
    for (const port of router.interfaces) assert(networks.has(port.networkId));
    assert.equal(new Set([...router.floatingIps.values()].map(({ fixed }) => fixed)).size, router.floatingIps.size);
  }
  for (const { mtu } of networks.values()) assert(mtu >= 68 && mtu <= 65535);
  const nothing = { namespaces: new Map(), foreign: NO_FOREIGN };
  assert.notEqual(listing(compile(model, livePairs(nothing), { instance: 'fuzz' })), '');
}

/** Throws unless the text is a sound Model or gives errors that a person can use. */
export function checkHandled(parse: Parse, text: string): void {
  const errors = errorsOf(() => checkSound(parse(text)));
  assert(errors.length <= MOST_ERRORS);
  for (const { code, message, remedy } of errors) {
    assert.notEqual(code, 'BUOY_INTERNAL', message);
    assert(message !== '' && remedy !== '');
    assert(message.length <= LONGEST_MESSAGE, `a message of ${message.length} characters`);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f]/);
  }
}

/** A change of one part of a text that is otherwise written as JSON. */
interface Edit {
  readonly kind: 'value' | 'key' | 'before' | 'twice' | 'gone' | 'copy';
  readonly at: number;
  readonly from: number;
  readonly text: string;
}

const DEEP = 2000;
const LONG = 20_000;

/** Odd in JSON and in YAML alike. */
const WORDS = [
  ...'null|true|0|-1|1.5|1e400|-0|99999999999999999999|[]|{}|[[]]|""|"\\ud800"|"\\u0000"|"a\\u202eb"|"\ufeff"'.split(
    '|',
  ),
  ...'"__proto__"|"constructor"|"toString"|"10.0.0.0/24"|"203.0.113.1"|"10.0.0.1"|"0.0.0.0/0"|"::/0"|"::1"'.split('|'),
  ...'"255.255.255.255"|"10.0.0.1/33"|"::ffff:10.0.0.1"|"public"|"blue"|"labhost"|"1500"|{"a":1,"a":2}'.split('|'),
  '['.repeat(DEEP) + ']'.repeat(DEEP),
  '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP),
  `"${'x'.repeat(LONG)}"`,
  `"${'\u{1f6df}\u0301'.repeat(LONG / 20)}"`,
  `[${'{},'.repeat(LONG)}{}]`,
  '9'.repeat(LONG),
];
const YAML_WORDS = [
  ...'&a 1|*a|&a [*a]|!!str 1|!!binary aGk=|!!set {a}|!!omap []|!x y|{<<: *a}|{<<: {}}|? a|.inf|.nan|~|0o17'.split('|'),
  ...'0x1F|1_000|012|2001-01-01|yes|on|1:30|a: b|- a|---|...|%YAML 1.1|# gone|"\\x41\\u263a"|\'\'|@|`|{? [a] : b}'.split(
    '|',
  ),
  ...'|\n a|>-\n a|\u2028|\u0085|\u00a0'.split('|').filter((word) => word !== ''),
];

function editOf(words: readonly string[]): fc.Arbitrary<Edit> {
  return fc.record({
    kind: fc.constantFrom<Edit['kind'][]>('value', 'value', 'value', 'key', 'before', 'twice', 'gone', 'copy'),
    at: fc.nat(2000),
    from: fc.nat(2000),
    text: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...words) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
      { weight: 1, arbitrary: fc.double().map(String) },
    ),
  });
}

/** Writes a value as JSON with edits of the parts that they point at, counted as they are written. */
class Writer {
  readonly #edits: readonly Edit[];
  readonly #parts: readonly unknown[];
  #count = 0;

  constructor(value: unknown, edits: readonly Edit[]) {
    this.#parts = partsOf(value);
    this.#edits = edits.map((edit) => ({ ...edit, at: edit.at % this.#parts.length }));
  }

  write(value: unknown, key?: string): string {
    const here = this.#count++;
    const plain = `${key === undefined ? '' : `${JSON.stringify(key)}: `}${this.#content(value)}`;
    return this.#edits.filter(({ at }) => at === here).reduce((text, edit) => this.#edited(text, key, edit), plain);
  }

  #content(value: unknown): string {
    if (Array.isArray(value)) return `[${this.#list(value.map((item: unknown) => this.write(item)))}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${this.#list(Object.entries(value).map(([key, member]: [string, unknown]) => this.write(member, key)))}}`;
  }

  #list(items: readonly string[]): string {
    return items.filter((item) => item !== '').join(', ');
  }

  #edited(plain: string, key: string | undefined, { kind, from, text }: Edit): string {
    const label = key === undefined ? '' : `${JSON.stringify(key)}: `;
    if (kind === 'value') return `${label}${text}`;
    if (kind === 'key') return key === undefined ? plain : `${text}: ${plain.slice(label.length)}`;
    if (kind === 'before') return `${label}${text} ${plain.slice(label.length)}`;
    if (kind === 'twice') return `${plain}, ${plain}`;
    if (kind === 'copy') return `${label}${JSON.stringify(this.#parts[from % this.#parts.length])}`;
    return '';
  }
}

function partsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

function intentFuzzer(name: string, parse: Parse, samples: readonly unknown[], words: readonly string[]): Fuzzer {
  const edits = fc.array(editOf(words), { minLength: 1, maxLength: 4 });
  const input = fc.record({ sample: fc.nat(samples.length - 1), edits });
  return fuzzer(`intent: ${name}`, 400, input, ({ sample, edits: list }) => {
    const value = samples[sample];
    checkHandled(parse, new Writer(value, list).write(value));
  });
}

const YAML_SAMPLES = ['examples/quickstart.yaml', 'test/cli/intents/net.yaml'];
const JSON_SAMPLES = ['dvr-openvswitch-routers.json', 'dvr-snat-openvswitch-routers.json'];

export function intentFuzzers(): readonly Fuzzer[] {
  const yaml: Parse = (text) => parseYaml(text, 'fuzz');
  const neutron: Parse = (text) => parseNeutronRouters(text, 'fuzz', { host: 'labhost' });
  const yamlSamples = YAML_SAMPLES.map((file): unknown => loadYaml(readFileSync(file, 'utf8')));
  const jsonSamples = JSON_SAMPLES.map((file): unknown =>
    JSON.parse(readFileSync(`test/fixtures/neutron/${file}`, 'utf8')),
  );
  return [
    intentFuzzer('YAML', yaml, yamlSamples, [...WORDS, ...YAML_WORDS]),
    intentFuzzer("Neutron's list", neutron, jsonSamples, WORDS),
  ];
}
