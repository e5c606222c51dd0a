// Places in JSON text (RFC 8259). `JSON.parse` reads the text, fast, and tells no places; only when
// something is wrong with the text, or with what it says, is it walked again here. The walk keeps
// its own stack, so nesting costs memory and never the call stack.

import type { Path } from '../model/problem.ts';

/** The text is not JSON. The message says what should stand at `offset`. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(expected: string, offset: number) {
    super(`the file is not JSON: ${expected} should stand here`);
    this.offset = offset;
  }
}

/** Where a value begins, and where its key does if it has one. */
export interface JsonPlace {
  readonly value: number;
  readonly key: number | undefined;
}

/**
 * The places of values under their paths; a path that is not there has that of the last value on
 * the way to it. Throws JsonSyntaxError.
 */
export function placesInJson(text: string, paths: readonly Path[]): ReadonlyMap<Path, JsonPlace> {
  const root = newNode();
  for (const path of paths) {
    let node = root;
    for (const step of path) {
      let child = node.children.get(step);
      if (child === undefined) node.children.set(step, (child = newNode()));
      node = child;
    }
  }
  new Walk(text).run(root);
  return new Map(paths.map((path) => [path, lastPlace(root, path)]));
}

/** The wanted paths as a tree, in which the walk notes the places. */
interface Node {
  readonly children: Map<string | number, Node>;
  place: JsonPlace | undefined;
}

function newNode(): Node {
  return { children: new Map<string | number, Node>(), place: undefined };
}

function lastPlace(root: Node, path: Path): JsonPlace {
  let last = root.place ?? { value: 0, key: undefined };
  let node: Node | undefined = root;
  for (const step of path) {
    node = node?.children.get(step);
    if (node?.place === undefined) break;
    last = node.place;
  }
  return last;
}

interface Container {
  readonly close: '}' | ']';
  readonly node: Node | undefined;
  /** Of the current item of an array. */
  index: number;
}

const SPACE = /[\t\n\r ]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// In pieces, because an expression that matches a whole long string may exhaust its own stack.
// oxlint-disable-next-line no-control-regex -- JSON strings may not have control characters
const STRING_PIECE = /[^"\\\u0000-\u001f]{1,4096}|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Walk {
  readonly #text: string;
  readonly #stack: Container[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(root: Node): void {
    let next: { node: Node | undefined; key: number | undefined } | undefined = { node: root, key: undefined };
    while (next !== undefined) {
      this.#skip(SPACE);
      if (next.node !== undefined) next.node.place = { value: this.#offset, key: next.key };
      next = this.#open(next.node) ?? this.#afterValue();
    }
    if (this.#offset < this.#text.length) throw new JsonSyntaxError('the end', this.#offset);
  }

  /** Reads a scalar, an empty container, or the beginning of one up to its first value, which it answers. */
  #open(node: Node | undefined): { node: Node | undefined; key: number | undefined } | undefined {
    const character = this.#text[this.#offset];
    if (character === '{' || character === '[') {
      this.#offset++;
      this.#skip(SPACE);
      const container: Container = { close: character === '{' ? '}' : ']', node, index: 0 };
      if (this.#text[this.#offset] === container.close) {
        this.#offset++;
        return undefined;
      }
      this.#stack.push(container);
      return this.#member(container);
    }
    if (character === '"') this.#string();
    else if (!this.#skip(SCALAR)) throw new JsonSyntaxError('a value', this.#offset);
    return undefined;
  }

  /** Goes on to the next value, out of as many containers as end here. */
  #afterValue(): { node: Node | undefined; key: number | undefined } | undefined {
    for (let container = this.#stack.at(-1); ; container = this.#stack.at(-1)) {
      this.#skip(SPACE);
      if (container === undefined) return undefined;
      const character = this.#text[this.#offset];
      if (character !== ',' && character !== container.close)
        throw new JsonSyntaxError(`"," or "${container.close}"`, this.#offset);
      this.#offset++;
      if (character === ',') {
        container.index++;
        return this.#member(container);
      }
      this.#stack.pop();
    }
  }

  #member(container: Container): { node: Node | undefined; key: number | undefined } {
    if (container.close === ']') return { node: container.node?.children.get(container.index), key: undefined };
    this.#skip(SPACE);
    const start = this.#offset;
    if (this.#text[start] !== '"') throw new JsonSyntaxError('a key in double quotes', start);
    this.#string();
    const end = this.#offset;
    this.#skip(SPACE);
    if (this.#text[this.#offset] !== ':') throw new JsonSyntaxError('":"', this.#offset);
    this.#offset++;
    const node = container.node;
    return { node: node?.children.get(String(JSON.parse(this.#text.slice(start, end)))), key: start };
  }

  #string(): void {
    this.#offset++;
    while (this.#skip(STRING_PIECE));
    if (this.#text[this.#offset] !== '"') throw new JsonSyntaxError('the end of the string', this.#offset);
    this.#offset++;
  }

  /** Moves past what matches here; whether it did. */
  #skip(expression: RegExp): boolean {
    expression.lastIndex = this.#offset;
    if (!expression.test(this.#text)) return false;
    this.#offset = expression.lastIndex;
    return true;
  }
}
