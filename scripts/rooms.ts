// The order of the rooms (docs/architecture.md), and a check that finds every import against it.

/** From bottom to top: a room imports from those before it, and from itself. */
const ROOMS = [
  'errors',
  'model',
  'host',
  'layout',
  'sys',
  'netlink',
  'kernel',
  'intent',
  'agent',
  'api',
  'service',
  'playground',
  'sandbox',
  'cli',
] as const;

type Room = (typeof ROOMS)[number];

/** Rooms of pure functions; of what Node offers they may have these modules, which do no I/O and know no time. */
const PURE: ReadonlySet<Room> = new Set(['errors', 'model', 'host', 'layout']);
const PURE_MODULES: ReadonlySet<string> = new Set(['node:crypto', 'node:util']);

/** What starts a process or evaluates text. `sandbox` starts unshare(1), and nothing else does. */
const STARTS_SOMETHING: ReadonlySet<string> = new Set(['child_process', 'cluster', 'vm', 'inspector', 'repl']);

/** An import that should not be. */
export interface Violation {
  /** The path of the importing file, from the root of the project. */
  readonly file: string;
  readonly line: number;
  readonly imported: string;
  readonly reason: string;
}

/**
 * Every import against the order in `files`, source texts by their path from the root of the
 * project: of static imports, exports and `import()`, of types as well as of values, and of a
 * worker's file (`new URL('…', import.meta.url)`).
 */
export function findViolations(files: ReadonlyMap<string, string>): Violation[] {
  const violations: Violation[] = [];
  for (const [file, text] of files) {
    const room = roomOf(file);
    for (const { line, imported } of importsOf(text)) {
      const reason =
        room === undefined
          ? `${file} lies in no room`
          : imported.startsWith('.')
            ? wrongRoom(room, file, imported)
            : wrongModule(room, imported);
      if (reason !== undefined) violations.push({ file, line, imported, reason });
    }
  }
  return violations;
}

/** The room that a file belongs to: a folder in `src`, `src/errors.ts` and what is below it, or `sandbox`. */
function roomOf(file: string): Room | undefined {
  const [top = '', below = ''] = file.split('/');
  if (top === 'sandbox') return 'sandbox';
  const name = top === 'src' ? below.replace(/\.ts$/, '') : undefined;
  return ROOMS.find((room) => room === name);
}

const IMPORT_FORMS = [
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*(?<quote>['"])(?<imported>.+?)\k<quote>/gm,
  /\bimport\s*\(?\s*(?<quote>['"`])(?<imported>.+?)\k<quote>/g,
  /\bnew URL\(\s*(?<quote>['"`])(?<imported>\.[^'"`]*\.[jt]s)\k<quote>/g,
];

function* importsOf(text: string): Generator<{ line: number; imported: string }> {
  const code = withoutComments(text);
  for (const match of IMPORT_FORMS.flatMap((form) => [...code.matchAll(form)])) {
    yield { line: text.slice(0, match.index).split('\n').length, imported: match.groups?.['imported'] ?? '' };
  }
}

/** The text with every comment blanked out and each character still where it was. */
function withoutComments(text: string): string {
  const commentOrString = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;
  return text.replace(commentOrString, (piece) => (piece.startsWith('/') ? piece.replace(/[^\n]/g, ' ') : piece));
}

function wrongRoom(room: Room, file: string, imported: string): string | undefined {
  const target = new URL(imported, `file:///${file}`).pathname.slice(1);
  const other = roomOf(target);
  if (other === undefined) return `${target} lies in no room`;
  return ROOMS.indexOf(other) > ROOMS.indexOf(room) ? `${room} stands below ${other}` : undefined;
}

function wrongModule(room: Room, imported: string): string | undefined {
  const name = imported.replace(/^node:/, '');
  if (STARTS_SOMETHING.has(name.split('/')[0] ?? name) && room !== 'sandbox')
    return 'nothing in src/ starts a process or evaluates text';
  if (PURE.has(room) && !PURE_MODULES.has(imported)) return `${room} is pure: no I/O, no packages`;
  if (name === 'koffi' && room !== 'sys') return 'only sys calls the C library';
  return undefined;
}
