// The show: the agent as it runs on a host, in a sandbox. It is told by its API what there shall be, packets are sent,
// things are broken and repaired, it is killed; and on a terminal it then stays. One file a scene.

import { BuoyError } from '../../errors.ts';
import { LinuxKernel } from '../../kernel/linux/index.ts';
import { LOOPBACK } from '../../model/names.ts';
import { MessageBatch } from '../../netlink/message.ts';
import { changeLink } from '../../netlink/route/index.ts';
import { NETLINK, NetlinkSocket } from '../../netlink/socket.ts';
import { DemoReport, duration } from '../demo-report.ts';
import { Playground } from '../playground.ts';
import { requireSandbox } from '../require-sandbox.ts';
import type { StartAgent } from './agent-on-stage.ts';
import { AgentOnStage, INSTANCE } from './agent-on-stage.ts';
import { CAST } from './cast.ts';
import { Requests } from './requests.ts';
import { build } from './scenes/building.ts';
import { stay } from './scenes/encore.ts';
import { makeMistakes } from './scenes/mistakes.ts';
import { moveFloatingIp } from './scenes/move.ts';
import { sendPackets } from './scenes/packets.ts';
import { killAgent } from './scenes/sudden-death.ts';
import { takeDown } from './scenes/taking-down.ts';
import type { Made, Stage } from './stage.ts';

export interface ShowOptions {
  readonly write: (text: string) => void;
  /** Whether `write` takes ANSI colours. */
  readonly color: boolean;
  /** Columns that there are. */
  readonly width: number;
  /** Whether the agent goes on after the last scene, until `signal`. */
  readonly stays: boolean;
  /** Whether the caller knows that this process runs in a sandbox; the show refuses to run elsewhere. */
  readonly inSandbox: boolean;
  readonly startAgent: StartAgent;
  /** Ends the show, in whatever scene. */
  readonly signal: AbortSignal;
}

const INTRODUCTION =
  '\n  This is a sandbox: nothing in it reaches the network of this machine. There\n' +
  '  are a host with three bridges, somebody outside of it, and workloads of two\n' +
  '  tenants, blue and green, who both chose 10.0.0.0/24. The rest is for Buoy.\n\n';

const SETTINGS = { host: '/proc/self/ns/net', directory: '/run/netns' };

/**
 * Plays the show through, and removes its files; what it made in the kernel goes with the sandbox, when this process ends.
 * `ok` says whether all that was checked held; undefined if the show was ended before its last scene, which may then still
 * be under way. Throws BUOY_NOT_IN_SANDBOX, BUOY_AGENT_ENDED, and BUOY_KERNEL_REFUSED or SystemError where the playground
 * cannot be built.
 */
export async function runShow(options: ShowOptions): Promise<{ readonly ok: boolean | undefined }> {
  requireSandbox(options.inSandbox);
  raiseLoopback();
  await using stack = new AsyncDisposableStack();
  const report = new DemoReport(options.write, options.color, options.width);
  const agent = stack.use(new AgentOnStage(options.startAgent, SETTINGS.directory));
  const ended = Promise.withResolvers<undefined>();
  options.signal.addEventListener('abort', () => ended.resolve(undefined), { once: true });
  const scenes = play(options, report, agent, stack);
  const played = await Promise.race([scenes, ended.promise]);
  // A scene that is left in its middle finds its agent gone.
  scenes.catch(() => undefined);
  if (played !== undefined && options.stays) await stay(played.stage, played.made, options.signal);
  await stack.disposeAsync();
  if (options.signal.aborted)
    report.text('\nAll has ended, and its files are removed; with this the sandbox goes, too.\n');
  return { ok: played && report.ok };
}

/** Up to the verdict. */
async function play(
  { stays }: ShowOptions,
  report: DemoReport,
  agent: AgentOnStage,
  stack: AsyncDisposableStack,
): Promise<{ readonly stage: Stage; readonly made: Made }> {
  const start = performance.now();
  const took = (): string => duration(performance.now() - start);
  report.heading('Buoy', 'floating IPs for Linux hosts');
  report.text(INTRODUCTION);
  const [playground] = await Promise.all([Playground.build(CAST, SETTINGS), agent.start()]);
  stack.use(playground);
  report.check(true, '`buoy agent` runs: one process listens, the other may act', took());
  const kernel = stack.use(new LinuxKernel({ instance: INSTANCE, ...SETTINGS }));
  const stage: Stage = { playground, agent, kernel, report, requests: new Requests(agent.api, report) };
  const before = await kernel.read();

  const made = await build(stage);
  await sendPackets(stage, made);
  await makeMistakes(stage, made);
  const moved = await moveFloatingIp(stage, made);
  await killAgent(stage, moved);
  if (!stays) await takeDown(stage, moved, before);
  report.verdict(`${took()} in all`);
  return { stage, made: moved };
}

/** The API is to be reached on 127.0.0.1 as well. */
function raiseLoopback(): void {
  using socket = NetlinkSocket.open(NETLINK.ROUTE);
  const batch = new MessageBatch(1);
  changeLink(batch, LOOPBACK, { up: true });
  const [refusal] = socket.exchange(batch);
  if (refusal !== undefined) throw new BuoyError('BUOY_KERNEL_REFUSED', refusal.message);
}
