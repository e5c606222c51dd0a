// A YAML text as plain data and the places of its parts. The `yaml` package does the reading; this
// file keeps what it is given, and what it may make of it, within bounds.

import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { ParsedNode } from 'yaml';
import type { ErrorCode } from '../../errors.ts';
import { quote } from '../../model/problem.ts';
import type { Path } from '../../model/problem.ts';
import { throwAll } from '../problems.ts';
import type { Locate } from '../problems.ts';
import { SourceText } from '../source-text.ts';
import { compose, errorAt } from './compose.ts';

export interface YamlSource {
  /** Scalars, arrays, and objects without prototype; null for an empty document. */
  readonly value: unknown;
  readonly locate: Locate;
}

/**
 * Errors, all of the file at once where there can be several: BUOY_FILE_NOT_TEXT,
 * BUOY_FILE_TOO_COMPLEX, BUOY_YAML_SYNTAX, BUOY_YAML_UNSUPPORTED, BUOY_DUPLICATE.
 */
export function readYaml(text: string, file: string): YamlSource {
  const source = new SourceText(text, file);
  const contents = compose(source);
  const reader = new NodeReader();
  const value = reader.read(contents);
  throwAll(reader.faults, ({ code, node, message }) => errorAt(source, code, node.range[0], message));
  return { value, locate: (path, atKey) => source.position(offsetOf(contents, path, atKey)) };
}

interface Fault {
  readonly code: ErrorCode;
  readonly node: ParsedNode;
  readonly message: string;
}

/** Makes plain data of nodes and notes what an intent has no use for. */
class NodeReader {
  readonly faults: Fault[] = [];

  read(node: ParsedNode | null): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#refuse(node, 'BUOY_YAML_UNSUPPORTED', `there is an alias, ${quote(node.source)}`);
    if (node.anchor !== undefined)
      this.#refuse(node, 'BUOY_YAML_UNSUPPORTED', `there is an anchor, ${quote(node.anchor)}`);
    if (node.tag !== undefined) this.#refuse(node, 'BUOY_YAML_UNSUPPORTED', `there is a tag, ${quote(node.tag)}`);
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => this.read(item));
    const object: Record<string, unknown> = { __proto__: null };
    for (const { key, value } of node.items) {
      const name = String(this.read(key));
      if (name in object) this.#refuse(key, 'BUOY_DUPLICATE', `the key ${quote(name)} is there already`);
      object[name] = this.read(value);
    }
    return object;
  }

  #refuse(node: ParsedNode, code: ErrorCode, message: string): void {
    this.faults.push({ code, node, message });
  }
}

/** The place of a value; of its key where asked or where the value is empty; of what is around it where it is missing. */
function offsetOf(contents: ParsedNode | null, path: Path, atKey: boolean): number {
  let node = contents;
  let offset = contents?.range[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isSeq(node) && typeof step === 'number') node = node.items[step] ?? null;
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) return offset;
      offset = pair.key.range[0];
      if (atKey && index === path.length - 1) return offset;
      node = pair.value;
    } else return offset;
    if (node !== null && node.range[0] < node.range[1]) offset = node.range[0];
  }
  return offset;
}
