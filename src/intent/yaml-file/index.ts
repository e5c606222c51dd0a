// The YAML format: a host's networks, subnets, routers and floating IPs with the field names of
// OpenStack Networking, in one file that a person writes.

import { BuoyError } from '../../errors.ts';
import type { Draft } from '../../model/draft.ts';
import type { Model } from '../../model/model.ts';
import type { Problem } from '../../model/problem.ts';
import { validate } from '../../model/validate.ts';
import { buildModel } from '../build-model.ts';
import { throwProblems } from '../problems.ts';
import type { Locate } from '../problems.ts';
import { readYaml } from './document.ts';
import { draftOf } from './draft.ts';
import { readEntries } from './entries.ts';
import type { Entries } from './entries.ts';

/** A YAML file may be this large; ten thousand floating IPs take less than one MiB. */
export const YAML_LIMIT_BYTES = 16 << 20;

/** What a file says, joined and found without fault; every value knows its place. */
export interface YamlDraft {
  readonly entries: Entries;
  /** Its networks and routers stand in the order of the entries. */
  readonly draft: Draft;
  readonly locate: Locate;
}

/**
 * Reads the text of a YAML intent. The same text gives the same Model.
 * @param file its name, for error messages.
 * @throws BuoyErrors with all that is wrong with it, each with line and column; BuoyError when it cannot be read as YAML at all.
 */
export function parseYaml(text: string, file: string): Model {
  return buildModel(parseYamlDraft(text, file).draft);
}

/** As `parseYaml`, for who needs the words of the file. */
export function parseYamlDraft(text: string, file: string): YamlDraft {
  const { value, locate } = readYaml(text, file);
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const entries = readEntries(value, report);
  const draft = entries === undefined ? { networks: [], routers: [] } : draftOf(entries, report);
  throwProblems([...problems, ...validate(draft)], locate);
  if (entries === undefined) throw new BuoyError('BUOY_INTERNAL', 'a file that cannot be read has no problem');
  return { entries, draft, locate };
}
