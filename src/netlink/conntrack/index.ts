export { flushTranslated } from './flush.ts';
