import { Option, type Command } from 'commander';
import { BuoyError, EXIT } from '../../errors.ts';
import type { Count, FloatingTraffic, Traffic } from '../../host/counters.ts';
import type { Foreign } from '../../host/state.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { formatIpv4 } from '../../model/address.ts';
import type { NamespaceName } from '../../model/names.ts';
import { routerNamespace } from '../../model/names.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import { agentOptions, endpointOf, endpointText } from '../agent/endpoint.ts';
import type { AgentOptions } from '../agent/endpoint.ts';
import { runningAgent } from '../agent/with-agent.ts';
import type { DirectOption } from '../agent/with-agent.ts';
import { showAgentStatus, watchAgentStatus } from '../agent-status/show-status.ts';
import { defineCommand } from '../define-command.ts';
import { againstIntent } from '../health/against-intent.ts';
import type { Health } from '../health/health.ts';
import { isHealthy, judge, sharedTroubles } from '../health/health.ts';
import type { GlobalOptions, IntentOptions, JsonOption } from '../options.ts';
import { directOption, intentOptions, jsonOption } from '../options.ts';
import type { TrafficOf } from '../output/health-report.ts';
import { healthText } from '../output/health-report.ts';
import { colorsFor, print, printJson } from '../output/terminal.ts';
import { compare, readModel } from '../reconcile.ts';
import { withKernel } from '../with-kernel.ts';

interface CountersOption {
  readonly counters?: true;
}

interface Options extends GlobalOptions, IntentOptions, JsonOption, AgentOptions, DirectOption, CountersOption {
  readonly watch?: true;
}

type Counters = ReadonlyMap<NamespaceName, FloatingTraffic>;

interface Seen {
  readonly health: Health;
  readonly foreign: Foreign;
  /** Undefined unless they were asked for. */
  readonly counters: Counters | undefined;
}

export function addStatus(program: Command): void {
  const command = defineCommand(program, {
    usage: 'status',
    summary: 'tell whether all floating IPs work',
    description:
      'Reads the kernel and judges every namespace, router and floating IP of this instance of Buoy: whether all is there that packets need on their way. ' +
      'With FILE, also whether it is as FILE says. If an agent keeps this host, the agent is asked instead. ' +
      'Changes nothing. Ends with exit code 1 if anything is broken.',
    examples: [
      ['sudo buoy status', 'what is there, and whether it works'],
      ['sudo buoy status net.yaml', 'and whether it is as the file says'],
      ['sudo buoy status --counters', 'and how much traffic each floating IP has had'],
      ['buoy status --watch', 'what the agent says, until Ctrl-C'],
      ['sudo buoy status --json', 'for a program'],
    ],
  }).argument('[file]', 'the intent');
  command.option('-w, --watch', 'of the agent: show it again whenever it changes');
  const counters = new Option(
    '--counters',
    'also the packets and bytes to and from each floating IP, since it came to its router',
  );
  for (const option of [...intentOptions(), counters, ...agentOptions(), directOption(), jsonOption()])
    command.addOption(option);
  command.action(async (file: string | undefined, _options: unknown, invoked: Command) => {
    const options = invoked.optsWithGlobals<Options>();
    // Packets are counted by the kernel; it is asked itself.
    using agent = options.counters === true ? undefined : await runningAgent(options);
    if (options.watch === true) {
      await watch(agent, file, options);
      return;
    }
    if (agent !== undefined) {
      process.exitCode = await showAgentStatus(agent, file, options);
      return;
    }
    const seen = await look(file, options);
    const { health, foreign } = seen;
    const trafficOf = seen.counters && trafficIn(seen.counters);
    if (options.json === true) printJson(document(options.instance, health, foreign, trafficOf));
    else print(healthText(health, foreign, colorsFor(process.stdout, options.color), trafficOf));
    process.exitCode = isHealthy(health) ? EXIT.ok : EXIT.failed;
  });
}

async function watch(agent: AgentClient | undefined, file: string | undefined, options: Options): Promise<void> {
  if (file !== undefined) throw new BuoyError('BUOY_USAGE', '--watch takes no file');
  if (agent === undefined)
    throw new BuoyError(
      'BUOY_AGENT_UNREACHABLE',
      `--watch asks an agent, and none listens on ${endpointText(endpointOf(options))}`,
    );
  await watchAgentStatus(agent, options);
}

async function look(file: string | undefined, options: Options): Promise<Seen> {
  const count = async (kernel: Pick<Kernel, 'readCounters'>): Promise<Counters | undefined> =>
    options.counters === true ? kernel.readCounters() : undefined;
  if (file === undefined) {
    return withKernel(options, async (kernel) => {
      const state = await kernel.read();
      return { health: judge(state), foreign: state.foreign, counters: await count(kernel) };
    });
  }
  const model = await readModel(file, options);
  return withKernel(options, async (kernel) => {
    const { actual, wanted, plan } = await compare(kernel, model, options.instance);
    const health = againstIntent(judge(actual), judge(wanted), plan);
    return { health, foreign: actual.foreign, counters: await count(kernel) };
  });
}

function trafficIn(counters: Counters): TrafficOf {
  return ({ routerId, floating }) => counters.get(routerNamespace(routerId))?.get(floating);
}

function document(instance: string, health: Health, foreign: Foreign, trafficOf: TrafficOf | undefined): unknown {
  const troublesOf = sharedTroubles(health);
  const judged = (problems: readonly string[]): object => ({ healthy: problems.length === 0, problems });
  return {
    instance,
    healthy: isHealthy(health),
    namespaces: health.namespaces.map(({ name, differences, problems }) => ({
      name,
      differences,
      ...judged(problems),
    })),
    routers: health.routers.map(({ id, fip, floatingIps, problems }) => ({
      id,
      fip_namespace: fip ?? null,
      floating_ips: floatingIps,
      ...judged(problems),
    })),
    floating_ips: health.floatingIps.map((floatingIp) => ({
      floating_ip_address: formatIpv4(floatingIp.floating),
      fixed_ip_address: floatingIp.fixed === undefined ? null : formatIpv4(floatingIp.fixed),
      router_id: floatingIp.routerId,
      ...(trafficOf && trafficDocument(trafficOf(floatingIp))),
      ...judged([...floatingIp.problems, ...troublesOf(floatingIp)]),
    })),
    foreign_namespaces: Object.fromEntries(foreign.namespaces),
  };
}

/** Null where nothing counts: the ruleset is broken, or of a version that did not count. */
function trafficDocument(traffic: Traffic | undefined): Record<'received' | 'sent', Count | null> {
  return { received: traffic?.received ?? null, sent: traffic?.sent ?? null };
}
