// The shape of a file, entry by entry: one that is wrong is reported and left out, and the others
// are still read, so that one run finds all errors of a file.

import type { z } from 'zod';
import type { At } from '../../model/draft.ts';
import type { Path, Report } from '../../model/problem.ts';
import { idField } from '../fields.ts';
import { shapeProblems } from '../shape-problems.ts';
import {
  defaultsSchema,
  floatingIpSchema,
  networkSchema,
  routerSchema,
  sectionsSchema,
  subnetSchema,
} from './schema.ts';
import type { Defaults, FloatingIpEntry, NetworkEntry, RouterEntry, SubnetEntry } from './schema.ts';

export interface Entries {
  readonly defaults: Defaults;
  readonly networks: EntryList<NetworkEntry>;
  readonly subnets: EntryList<SubnetEntry>;
  readonly routers: EntryList<RouterEntry>;
  readonly floatingIps: readonly At<FloatingIpEntry>[];
}

export interface EntryList<T> {
  readonly entries: readonly Identified<T>[];
  /** Entries that are wrong, as they were read. */
  readonly leftOut: readonly At<unknown>[];
}

export interface Identified<T> extends At<T> {
  readonly id: At<string>;
  readonly name: string;
}

/** Undefined when the file is not even a mapping with the right sections; that is reported. */
export function readEntries(raw: unknown, report: Report): Entries | undefined {
  if (raw === null) {
    report({ code: 'BUOY_INTENT_EMPTY', path: [], message: 'the file is empty' });
    return undefined;
  }
  const sections = checked(sectionsSchema, raw, [], report);
  if (sections === undefined) return undefined;
  const { defaults, networks, subnets, routers, floatingips } = sections;
  if (routers.length === 0)
    report({ code: 'BUOY_INTENT_EMPTY', path: ['routers'], message: 'the file names no router' });
  return {
    defaults: checked(defaultsSchema, defaults, ['defaults'], report) ?? {},
    networks: listOf('networks', networks, networkSchema, report),
    subnets: listOf('subnets', subnets, subnetSchema, report),
    routers: listOf('routers', routers, routerSchema, report),
    floatingIps: floatingips.flatMap((entry, index) => {
      const path = ['floatingips', index];
      const value = checked(floatingIpSchema, entry, path, report);
      return value === undefined ? [] : [{ value, path }];
    }),
  };
}

function listOf<T extends z.ZodType<{ name: string; id?: string | undefined }>>(
  section: string,
  raw: readonly unknown[],
  schema: T,
  report: Report,
): EntryList<z.output<T>> {
  const entries: Identified<z.output<T>>[] = [];
  const leftOut: At<unknown>[] = [];
  for (const [index, entry] of raw.entries()) {
    const path = [section, index];
    const value = checked(schema, entry, path, report);
    const id = value === undefined ? undefined : idOf(value, path, report);
    if (value !== undefined && id !== undefined) entries.push({ value, path, id, name: value.name });
    else leftOut.push({ value: entry, path });
  }
  return { entries, leftOut };
}

/** The id of an entry; its name if it has none, which then must be fit for one. */
function idOf(
  { id, name }: { name: string; id?: string | undefined },
  path: Path,
  report: Report,
): At<string> | undefined {
  if (id !== undefined) return { value: id, path: [...path, 'id'] };
  const namePath = [...path, 'name'];
  const value = checked(idField, name, namePath, report);
  return value === undefined ? undefined : { value, path: namePath };
}

/** The text under a key of an entry that was left out, if there is any. */
export function textUnder(key: string, entry: unknown): string | undefined {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** What the schema makes of a value; undefined if it is wrong, beyond keys that can be ignored for now. */
function checked<T extends z.ZodType>(schema: T, raw: unknown, path: Path, report: Report): z.output<T> | undefined {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const { issues } = result.error;
  for (const problem of shapeProblems(issues, schema, raw, path)) report(problem);
  if (!issues.every((issue) => issue.code === 'unrecognized_keys')) return undefined;
  return schema.safeParse(
    withoutKeys(
      raw,
      issues.map(({ path: at, keys }) => ({ at, keys })),
    ),
  ).data;
}

interface UnknownKeys {
  readonly at: readonly PropertyKey[];
  readonly keys: readonly string[];
}

function withoutKeys(value: unknown, unknownKeys: readonly UnknownKeys[]): unknown {
  if (typeof value !== 'object' || value === null || unknownKeys.length === 0) return value;
  const gone = new Set(unknownKeys.filter(({ at }) => at.length === 0).flatMap(({ keys }) => keys));
  const inside = Map.groupBy(
    unknownKeys.filter(({ at }) => at.length > 0),
    ({ at: [first] }) => String(first),
  );
  const below = (key: string) => inside.get(key)?.map(({ at, keys }) => ({ at: at.slice(1), keys })) ?? [];
  if (Array.isArray(value)) return value.map((item: unknown, index) => withoutKeys(item, below(String(index))));
  const kept = Object.entries(value).filter(([key]) => !gone.has(key));
  return Object.fromEntries(kept.map(([key, member]: [string, unknown]) => [key, withoutKeys(member, below(key))]));
}
