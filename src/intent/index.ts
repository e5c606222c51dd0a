// Where a Model comes from. Whatever the source, it goes the same way: text within bounds, plain
// data, a shape (zod), a draft whose values know their places, `validate`, and only then a Model.
// All that is wrong is reported at once; there is no partly read Model.

import { hostname } from 'node:os';
import type { LinkName } from '../model/names.ts';
import type { Model } from '../model/model.ts';
import { JSON_LIMIT_BYTES, parseNeutronRouters } from './neutron-routers/index.ts';
import { readSourceFile } from './source-file.ts';
import { parseYaml, parseYamlDraft, YAML_LIMIT_BYTES } from './yaml-file/index.ts';
import type { YamlDraft } from './yaml-file/index.ts';

export { parseNeutronRouters } from './neutron-routers/index.ts';
export type { NeutronOptions } from './neutron-routers/index.ts';
export { throwProblems } from './problems.ts';
export { parseYaml } from './yaml-file/index.ts';
export type { YamlDraft } from './yaml-file/index.ts';

export type IntentFormat = 'yaml' | 'neutron-routers';

export interface IntentOptions {
  readonly format: IntentFormat;
  /** Of `neutron-routers`: this host's name in Neutron. Default: the host's own name. */
  readonly host?: string;
  /** Of `neutron-routers`: bridges under the ids of their networks. */
  readonly bridges?: ReadonlyMap<string, LinkName>;
}

/**
 * Reads the intent in a file.
 * @throws BuoyError BUOY_FILE_… when the file cannot be read; BuoyErrors with all that is wrong with what it says.
 */
export async function readIntent(path: string, options: IntentOptions): Promise<Model> {
  if (options.format === 'yaml') return parseYaml(await readSourceFile(path, YAML_LIMIT_BYTES), path);
  const { host = hostname(), bridges = new Map() } = options;
  return parseNeutronRouters(await readSourceFile(path, JSON_LIMIT_BYTES), path, { host, bridges });
}

/** As `readIntent` of a YAML file, for who needs its words and their places. */
export async function readYamlDraft(path: string): Promise<YamlDraft> {
  return parseYamlDraft(await readSourceFile(path, YAML_LIMIT_BYTES), path);
}
