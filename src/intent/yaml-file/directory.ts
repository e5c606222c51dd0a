import type { At } from '../../model/draft.ts';
import { enumerate, quote } from '../../model/problem.ts';
import type { Report } from '../../model/problem.ts';
import { nearest } from '../nearest.ts';
import { textUnder } from './entries.ts';
import type { EntryList, Identified } from './entries.ts';

/** Finds the entries of one section by id or, where no id fits, by name. */
export class Directory<T> {
  readonly #kind: string;
  /** Ids and names of entries that were left out; undefined stands for one that has neither. */
  readonly #leftOut: ReadonlySet<string | undefined>;
  readonly #report: Report;
  readonly #byId = new Map<string, Identified<T>>();
  readonly #byName = new Map<string, Identified<T>[]>();

  /** @param kind what an entry is called in messages: `network`, `subnet` or `router`. */
  constructor(kind: string, { entries, leftOut }: EntryList<T>, report: Report) {
    this.#kind = kind;
    this.#leftOut = new Set(leftOut.flatMap(({ value }) => namesOf(value)));
    this.#report = report;
    for (const entry of entries) {
      if (!this.#byId.has(entry.id.value)) this.#byId.set(entry.id.value, entry);
      const namesakes = this.#byName.get(entry.name);
      if (namesakes === undefined) this.#byName.set(entry.name, [entry]);
      else namesakes.push(entry);
    }
  }

  /**
   * Undefined where nothing or more than one thing fits, which is reported, unless it may be an
   * entry that was left out.
   */
  find(reference: At<string>): Identified<T> | undefined {
    const { value, path } = reference;
    const byId = this.#byId.get(value);
    if (byId !== undefined) return byId;
    const namesakes = this.#byName.get(value) ?? [];
    if (namesakes.length > 1) {
      const ids = enumerate(namesakes, (entry) => quote(entry.id.value));
      const message = `several ${this.#kind}s are named ${quote(value)}`;
      this.#report({
        code: 'BUOY_AMBIGUOUS_REFERENCE',
        path,
        message,
        remedy: () => `Use the id of the one you mean: ${ids}.`,
      });
    } else if (namesakes.length === 0 && !this.isLeftOut(value) && !this.#leftOut.has(undefined)) {
      const message = `there is no ${this.#kind} with the id or name ${quote(value)}`;
      this.#report({ code: 'BUOY_UNKNOWN_REFERENCE', path, message, remedy: () => this.#suggestion(value) });
    }
    return namesakes.length === 1 ? namesakes[0] : undefined;
  }

  /** Whether an id or name is that of an entry that was left out. */
  isLeftOut(name: string): boolean {
    return this.#leftOut.has(name);
  }

  #suggestion(word: string): string {
    const known = [...this.#byName.keys(), ...this.#byId.keys()];
    const meant = nearest(word, known);
    return meant === undefined
      ? `The ${this.#kind}s are: ${enumerate([...this.#byName.keys()], quote)}.`
      : `Did you mean ${quote(meant)}?`;
  }
}

function namesOf(entry: unknown): readonly (string | undefined)[] {
  const names = [textUnder('id', entry), textUnder('name', entry)].filter((name) => name !== undefined);
  return names.length === 0 ? [undefined] : names;
}
