// The program of a MortalRun: makes a host as the model says that it is sent, and tells how far it is.
//
//     node test/support/mortal-run-program.ts HOST DIRECTORY INSTANCE

import { once } from 'node:events';
import { diff } from '../../src/host/diff.ts';
import { LinuxKernel } from '../../src/kernel/linux/index.ts';
import { compile, livePairs } from '../../src/layout/index.ts';
import type { Model } from '../../src/model/model.ts';
import type { Word } from './mortal-run.ts';

const [host = '', directory = '', instance = ''] = process.argv.slice(2);
const tell = (word: Word): void => void process.send?.(word);

const received: Promise<Model[]> = once(process, 'message');
await using kernel = new LinuxKernel({ instance, host, directory });
// Its worker, too, is ready then.
await kernel.read();
const [model] = await received;
if (model === undefined) throw new Error('a message without a model');
const actual = await kernel.read();
const plan = diff(actual, compile(model, livePairs(actual), { instance }));
tell('applying');
const { failures } = await kernel.apply(plan);
if (failures.length > 0)
  throw new Error(JSON.stringify(failures.map(({ operation, message }) => [operation.kind, message])));
tell('done');
process.disconnect();
