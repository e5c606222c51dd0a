export type { DemoOptions } from './demo.ts';
export { runDemo } from './demo.ts';
export type { StartAgent } from './show/agent-on-stage.ts';
export type { ShowOptions } from './show/show.ts';
export { runShow } from './show/show.ts';
