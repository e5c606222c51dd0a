// Where the agent is, as the command line, the environment, or nobody says.

import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import { BuoyError } from '../../errors.ts';

/** Of every command that talks to the agent. */
export interface AgentOptions {
  /** A path of a unix socket, or a URL. Undefined: the usual socket. */
  readonly agent?: string;
  readonly tokenFile?: string;
}

export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly url: URL; readonly token: string | undefined };

const USUAL_SOCKET = '/run/buoy/buoy.sock';
const TOKEN = /^[\w.~+/=-]{1,1024}$/;

export function agentOptions(): Option[] {
  return [
    new Option('--agent <path-or-url>', `where the agent listens (default: $BUOY_AGENT, or else ${USUAL_SOCKET})`).env(
      'BUOY_AGENT',
    ),
    new Option(
      '--token-file <file>',
      'a file with the token for an agent behind a URL (default: $BUOY_TOKEN_FILE)',
    ).env('BUOY_TOKEN_FILE'),
  ];
}

/** Throws BUOY_USAGE, BUOY_TOKEN_FILE. */
export function endpointOf({ agent = USUAL_SOCKET, tokenFile }: AgentOptions): Endpoint {
  if (!agent.includes('://')) return { kind: 'unix', path: agent };
  const url = URL.parse(agent);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '')
    throw new BuoyError('BUOY_USAGE', `${agent} is no URL of an agent`, {
      remedy: 'Write https://HOST:PORT, or the path of a unix socket.',
    });
  return { kind: 'tcp', url, token: tokenFile === undefined ? undefined : readToken(tokenFile) };
}

/** How messages call it. */
export function endpointText(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : endpoint.url.href.replace(/\/$/, '');
}

function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuoyError('BUOY_TOKEN_FILE', `the token cannot be read: ${reason}`, { cause: error });
  }
  // The text itself is not shown: it may be a token with something beside it.
  if (!TOKEN.test(text)) throw new BuoyError('BUOY_TOKEN_FILE', `${file} has something else than one token`);
  return text;
}
