// The list that neutron-server answers to `sync_routers`, as JSON: what neutron-l3-agent works from.

import { BuoyError } from '../../errors.ts';
import type { LinkName } from '../../model/names.ts';
import type { Model } from '../../model/model.ts';
import type { Problem } from '../../model/problem.ts';
import { validate } from '../../model/validate.ts';
import { buildModel } from '../build-model.ts';
import { JsonSyntaxError, placesInJson } from '../json-text.ts';
import { throwProblems } from '../problems.ts';
import { shapeProblems } from '../shape-problems.ts';
import { SourceText } from '../source-text.ts';
import { draftOf } from './draft.ts';
import { routerListSchema } from './schema.ts';
import type { NeutronRouter } from './schema.ts';

/** A JSON file may be this large: Neutron spends a KiB on a floating IP and nine on a router. */
export const JSON_LIMIT_BYTES = 64 << 20;
/** Values in a text, and commas in its strings. Neutron spends 20 bytes and more on each; a bomb spends two, and memory for an object. */
const MOST_VALUES = 4_000_000;

export interface NeutronOptions {
  /** This host's name in Neutron: `host` in its neutron.conf. Floating IPs of other hosts are left out. */
  readonly host: string;
  /** Bridges under the ids of their networks; where there is none, that of Neutron's Linux bridge agent (`brq…`). */
  readonly bridges?: ReadonlyMap<string, LinkName>;
  /** Whether a list without a router is meant so, and does not raise BUOY_INTENT_EMPTY. */
  readonly allowEmpty?: boolean;
}

/**
 * Reads Neutron's list of routers. Routers that are switched off (`admin_state_up`) are left out.
 * @param file its name, for error messages.
 * @throws BuoyErrors with all that is wrong with it, each with line and column; BuoyError when it is not JSON at all.
 */
export function parseNeutronRouters(text: string, file: string, options: NeutronOptions): Model {
  const source = new SourceText(text, file);
  const raw = parseJson(source);
  const result = routerListSchema.safeParse(raw);
  if (!result.success) throwAt(source, shapeProblems(result.error.issues, routerListSchema, raw, []));
  const list: readonly NeutronRouter[] = result.data ?? [];
  const problems: Problem[] = [];
  if (list.length === 0 && options.allowEmpty !== true) {
    problems.push({ code: 'BUOY_INTENT_EMPTY', path: [], message: 'the list has no router' });
  }
  const draft = draftOf(
    list,
    { host: options.host, bridges: options.bridges ?? new Map() },
    (problem) => void problems.push(problem),
  );
  throwAt(source, [...problems, ...validate(draft)]);
  return buildModel(draft);
}

function parseJson(source: SourceText): unknown {
  if (source.text.trim() === '')
    throw new BuoyError('BUOY_INTENT_EMPTY', 'the file is empty', { position: source.position(0) });
  if (!hasAtMost(MOST_VALUES, source.text)) {
    const message = `the file has more than ${MOST_VALUES} values`;
    throw new BuoyError('BUOY_FILE_TOO_COMPLEX', message, { position: source.position(0) });
  }
  try {
    return JSON.parse(source.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw syntaxErrorAt(source, error);
  }
}

/** Every value but the first of all follows one of these characters. */
function hasAtMost(limit: number, text: string): boolean {
  let values = 1;
  for (const _ of text.matchAll(/[,[{]/g)) if (++values > limit) return false;
  return true;
}

function syntaxErrorAt(source: SourceText, cause: SyntaxError): BuoyError {
  try {
    placesInJson(source.text, []);
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      return new BuoyError('BUOY_JSON_SYNTAX', error.message, { position: source.position(error.offset) });
    throw error;
  }
  return new BuoyError('BUOY_JSON_SYNTAX', cause.message, { cause });
}

function throwAt(source: SourceText, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const places = placesInJson(
    source.text,
    problems.map((problem) => problem.path),
  );
  throwProblems(problems, (path, atKey) => {
    const place = places.get(path);
    return source.position((atKey ? place?.key : undefined) ?? place?.value ?? 0);
  });
}
