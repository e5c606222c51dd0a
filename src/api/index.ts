// The HTTP room: what other rooms use of it.

export { startApi } from './start-api.ts';
export type { Api } from './start-api.ts';
export type { AgentEvent, AgentView } from './agent-view.ts';
export { DEFAULT_LIMITS } from './options.ts';
export type { Limits, Listener } from './options.ts';
export { generateToken, tokenLine } from './auth/token.ts';
export type { Scope } from './auth/token.ts';
