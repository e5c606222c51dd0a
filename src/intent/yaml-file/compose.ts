// Drives the parser of the `yaml` package one token at a time, so that a bomb ends where it goes
// beyond the bounds and not where memory does. Within them everything takes linear time.

import { Composer, Lexer, Parser } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import { BuoyError } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { throwAll } from '../problems.ts';
import type { SourceText } from '../source-text.ts';

/** Entries of the parser's stack; an intent needs 14. */
const DEEPEST = 64;
/** Ten thousand floating IPs are 260,000 tokens. */
const MOST_TOKENS = 1_000_000;
/** Each could be a wrong escape, of which the parser makes an error object. */
const MOST_BACKSLASHES = 10_000;
const LONGEST_MESSAGE = 200;

const OPTIONS = {
  version: '1.2',
  schema: 'core',
  stringKeys: true,
  resolveKnownTags: false,
  // The parser's own check compares every key with every other.
  uniqueKeys: false,
} as const;

/**
 * The root of the one document in the text; null or an empty scalar if it is empty.
 * Throws BUOY_FILE_TOO_COMPLEX, BUOY_YAML_SYNTAX, BUOY_YAML_UNSUPPORTED.
 */
export function compose(source: SourceText): ParsedNode | null {
  const document = withoutStackTraces(() => composeDocument(source));
  throwAll(document.errors, ({ pos, message }) => errorAt(source, 'BUOY_YAML_SYNTAX', pos[0], plainSentence(message)));
  return document.contents;
}

export function errorAt(source: SourceText, code: ErrorCode, offset: number, message: string): BuoyError {
  return new BuoyError(code, message, { position: source.position(offset) });
}

function composeDocument(source: SourceText): Document.Parsed {
  if (source.text.split('\\', MOST_BACKSLASHES + 1).length > MOST_BACKSLASHES) {
    throw errorAt(source, 'BUOY_FILE_TOO_COMPLEX', 0, `the file has more than ${MOST_BACKSLASHES} backslashes`);
  }
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  const documents: Document.Parsed[] = [];
  let tokens = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive')
        throw errorAt(source, 'BUOY_YAML_UNSUPPORTED', token.offset, 'there is a directive');
      if (token.type === 'error') throw errorAt(source, 'BUOY_YAML_SYNTAX', token.offset, plainSentence(token.message));
      documents.push(...composer.next(token));
      refuseSecond(documents, source);
    }
    tokens++;
    if (tokens > MOST_TOKENS || parser.stack.length > DEEPEST) {
      const what = tokens > MOST_TOKENS ? `the file has more than ${MOST_TOKENS} tokens` : 'the file nests too deep';
      throw errorAt(source, 'BUOY_FILE_TOO_COMPLEX', parser.offset, what);
    }
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, source.text.length));
  refuseSecond(documents, source);
  const [document] = documents;
  if (document === undefined) throw new BuoyError('BUOY_INTERNAL', 'the YAML parser made no document');
  return document;
}

function refuseSecond([, second]: readonly Document.Parsed[], source: SourceText): void {
  if (second !== undefined)
    throw errorAt(source, 'BUOY_YAML_UNSUPPORTED', second.range[0], 'a second document begins here');
}

/** The parser makes an Error of every fault, and a hostile file has half a million; their stack traces would be the dearest part. */
function withoutStackTraces<T>(run: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** The parser's own words, which may quote the source, on one line and not too long. */
function plainSentence(message: string): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, LONGEST_MESSAGE);
}
