// Reads the log that strace(1) keeps of a program, as far as replaying it takes.

/** How strace has to be called for its log to be readable here: numbers raw, and all that is sent in hexadecimal. */
export const STRACE_OPTIONS = [
  '--follow-forks',
  '--quiet=all',
  '--const-print-style=raw',
  '--string-limit=0',
  '--raw=recvfrom,read',
  '--write=all',
] as const;

/** One system call. */
export interface SystemCall {
  readonly name: string;
  /** As strace writes them. */
  readonly arguments: readonly string[];
  /** What it returned; any negative number is a failure. */
  readonly result: number;
  /** What it wrote or sent. */
  readonly sent: Buffer;
}

const COMPLETE = /^(\d+) +(\w+)\((.*)\) += (-?\w+|\?)/;
const UNFINISHED = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)\) += (-?\w+|\?)/;
const SENT = /^ \| [0-9a-f]{5,} {2}(.{49})/;
/** Text, a structure, or a number. */
const ARGUMENT = /"(?:[^"\\]|\\.)*"(?:\.\.\.)?|\{.*?\}|\[.*?\]|[^,\s]+/g;

/** Its result is a descriptor that others use from then on. */
const OPENING = new Set(['openat', 'socket']);

interface Draft {
  readonly name: string;
  text: string;
  result: number;
  readonly sent: Buffer[];
}

/**
 * The calls of all threads in one order in which each can be done: those that open something where
 * they returned, all others where they began.
 */
export function readStraceLog(log: string): SystemCall[] {
  const drafts: Draft[] = [];
  const unfinished = new Map<string, Draft>();
  let last: Draft | undefined;
  for (const line of log.split('\n')) {
    const sent = SENT.exec(line)?.[1];
    if (sent !== undefined) {
      last?.sent.push(Buffer.from(sent.replaceAll(' ', ''), 'hex'));
      continue;
    }
    const [, thread = '', name = '', text = '', result = ''] = COMPLETE.exec(line) ?? UNFINISHED.exec(line) ?? [];
    if (name !== '') {
      const draft = { name, text, result: Number(result), sent: [] };
      const isUnfinished = result === '';
      if (isUnfinished) unfinished.set(thread, draft);
      else last = draft;
      if (!isUnfinished || !OPENING.has(name)) drafts.push(draft);
      continue;
    }
    const resumed = RESUMED.exec(line);
    if (resumed === null) continue;
    last = unfinished.get(resumed[1] ?? '');
    if (last === undefined) throw new Error(`a call is resumed that was not begun: ${line}`);
    last.text += resumed[2] ?? '';
    last.result = Number(resumed[3]);
    if (OPENING.has(last.name)) drafts.push(last);
  }
  // Without a result, the kernel had a call begun anew, and that is in the log for itself.
  const ended = drafts.filter(({ result }) => !Number.isNaN(result));
  return ended.map(({ name, text, result, sent }) => ({
    name,
    arguments: text.match(ARGUMENT) ?? [],
    result,
    sent: Buffer.concat(sent),
  }));
}
