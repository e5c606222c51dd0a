import type { Command } from 'commander';
import type { AgentConfig, Log, StartListener } from '../../agent/index.ts';
import { AuditLog, createLog, findAccount, KernelProcess, makeDirectories, readConfig } from '../../agent/index.ts';
import { EXIT } from '../../errors.ts';
import { diff } from '../../host/diff.ts';
import { NO_STATE } from '../../host/state.ts';
import type { LocalKernel } from '../../kernel/kernel.ts';
import { refusalText } from '../../kernel/refusal-text.ts';
import { denyPrivilegesToPrograms } from '../../sys/privileges.ts';
import { notifyServiceManager } from '../../sys/service-manager.ts';
import { defineCommand } from '../define-command.ts';
import type { GlobalOptions } from '../options.ts';
import { note } from '../output/terminal.ts';
import { inWordsOfBuoy, requireBasics } from '../requirements/lacking.ts';
import type { Services } from '../program.ts';
import { withKernelToChange } from '../with-kernel.ts';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly removeAll?: true;
  readonly tearDown?: true;
}

/** Another Buoy may be at the end of a run. */
const LOCK_WAIT_SECONDS = 30;

export function addAgent(program: Command, { startListener }: Services): void {
  defineCommand(program, {
    usage: 'agent',
    summary: 'keep this host as it is wanted, and offer the API',
    description:
      'Runs until SIGTERM, which leaves the data plane up; SIGHUP reads the configuration again. Of its two processes, ' +
      'the one that listens has no privileges, and the one that has them takes only typed plans from it, for what this Buoy owns.',
    examples: [
      ['sudo buoy agent', 'run by /etc/buoy/agent.yaml'],
      ['sudo buoy agent --config agent.yaml', 'run by another file'],
    ],
  })
    .option('--config <file>', 'the configuration', '/etc/buoy/agent.yaml')
    .option('--remove-all', 'should the store be empty, remove all that this Buoy has on the host')
    .option('--tear-down', 'when it is stopped, take the data plane down too')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const config = { ...(await readConfig(options.config)), mayRemoveAll: options.removeAll === true };
      requireBasics();
      const log = createLog(config.log, note);
      const settings = { ...options, instance: config.instance, netnsDir: config.netnsDirectory };
      process.exitCode = await withKernelToChange(
        { ...settings, lockWait: LOCK_WAIT_SECONDS },
        `buoy agent --config ${options.config}`,
        async (kernel) => {
          const exit = await runAgent({ kernel, config, file: options.config, log, startListener });
          return options.tearDown === true && exit === EXIT.ok ? tearDown(kernel, log) : exit;
        },
      );
    });
}

interface Parts {
  readonly kernel: LocalKernel;
  readonly config: AgentConfig;
  /** Path of the configuration. */
  readonly file: string;
  readonly log: Log;
  readonly startListener: StartListener;
}

/** Answers the exit code. Throws BuoyError. */
async function runAgent({ kernel, config, file, log, startListener }: Parts): Promise<number> {
  const account = config.user === undefined ? undefined : findAccount(config.user, config.group);
  if (account === undefined)
    log.warn({ uid: process.getuid?.() }, 'no `user` is configured: the listening process keeps that of the agent');
  makeDirectories(config, account);
  using audit =
    config.auditLog === undefined ? undefined : new AuditLog(config.auditLog, config.instance, 'buoy agent');
  // Before the first one is started: it begins with nothing, whoever it runs as.
  denyPrivileges();
  const agent = new KernelProcess({
    config,
    kernel,
    audit,
    log,
    start: () => startListener(account),
    notify: notifier(log),
  });
  const reload = (): void => {
    reopen(audit, log);
    readConfig(file).then(
      (read) => agent.reload(read),
      (error: unknown) => log.error({ error: String(error) }, 'the configuration cannot be read; it stays as it was'),
    );
  };
  const stop = (): void => agent.stop();
  process.on('SIGHUP', reload).on('SIGTERM', stop).on('SIGINT', stop);
  try {
    return await agent.run();
  } finally {
    process.off('SIGHUP', reload).off('SIGTERM', stop).off('SIGINT', stop);
  }
}

/** Whatever becomes of the configuration: who moved the file away says so by the same signal. */
function reopen(audit: AuditLog | undefined, log: Log): void {
  try {
    audit?.reopen();
  } catch (error) {
    log.error({ error: String(error) }, 'the audit log cannot be opened again; it goes on in the old file');
  }
}

/** Takes down all that this Buoy has on the host. Answers the exit code. */
async function tearDown(kernel: LocalKernel, log: Log): Promise<number> {
  const { done, failures } = await kernel.apply(diff(await kernel.read(), NO_STATE));
  for (const failure of failures) log.error({ errno: failure.errno }, refusalText(failure));
  log.info({ operations: done, failures: failures.length }, 'took the data plane down');
  return failures.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Throws BuoyError. */
function denyPrivileges(): void {
  try {
    denyPrivilegesToPrograms();
  } catch (error) {
    throw inWordsOfBuoy(error);
  }
}

/** Where no service manager asked for it, nothing is told. */
function notifier(log: Log): (...assignments: readonly string[]) => void {
  const socket = process.env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return () => undefined;
  return (...assignments) => {
    const failure = notifyServiceManager(socket, assignments);
    if (failure !== undefined) log.warn({ error: failure.message }, 'the service manager cannot be told');
  };
}
