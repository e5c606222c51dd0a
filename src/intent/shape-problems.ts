// What zod finds wrong with the shape of an intent, in the words of Buoy's own errors.

import { z } from 'zod';
import { quote } from '../model/problem.ts';
import type { Path, Problem } from '../model/problem.ts';
import { nearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
};

/** @param raw what the schema found issues with; `at` is its path in the source. */
export function shapeProblems(issues: readonly Issue[], schema: z.core.$ZodType, raw: unknown, at: Path): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const inner = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...at, ...inner];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(key, path, keysAt(schema, inner)));
    const value = valueAt(raw, inner);
    if (value === undefined) return [{ code: 'BUOY_MISSING_KEY', path, message: `${quote(path.at(-1))} is missing` }];
    return [invalidValue(issue, path, value)];
  });
}

function unknownKey(key: string, path: Path, known: readonly string[]): Problem {
  return {
    code: 'BUOY_UNKNOWN_KEY',
    path: [...path, key],
    atKey: true,
    message: `there is no key ${quote(key)} here`,
    remedy: () => {
      const meant = nearest(key, known);
      return meant === undefined ? `The keys here are: ${known.join(', ')}.` : `Did you mean ${quote(meant)}?`;
    },
  };
}

function invalidValue(issue: Issue, path: Path, value: unknown): Problem {
  const message = `${quote(value)} ${complaint(issue)}`;
  if (issue.code === 'custom') {
    const remedy: unknown = issue.params?.['remedy'];
    const code = issue.params?.['isName'] === true ? 'BUOY_INVALID_NAME' : 'BUOY_INVALID_VALUE';
    return { code, path, message, ...(typeof remedy === 'string' ? { remedy: () => remedy } : {}) };
  }
  const needsQuotes =
    issue.code === 'invalid_type' && issue.expected === 'string' && ['number', 'boolean'].includes(typeof value);
  return {
    code: 'BUOY_INVALID_VALUE',
    path,
    message,
    ...(needsQuotes ? { remedy: () => 'Put it in quotes, so that it is text.' } : {}),
  };
}

/** What follows the value in the message. */
function complaint(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `is less than ${issue.minimum}`;
    case 'too_big':
      return `is more than ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** The keys of the object that a schema has at a path. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return keysAt(schema.out, path);
  const [step, ...rest] = path;
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (step === undefined) return Object.keys(schema.shape);
  const member: unknown = Reflect.get(schema.shape, step);
  return member instanceof z.core.$ZodType ? keysAt(member, rest) : [];
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}
