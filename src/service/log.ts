// What the agent tells, for whoever reads its log.

import type { Logger } from 'pino';
import type { AgentEvent } from '../agent/events.ts';
import { describe } from '../host/describe.ts';
import type { NamespaceName } from '../model/names.ts';

/** Answers who is to hear the events of an agent. Every change of the kernel is a record. */
export function logEvents(logger: Logger): (event: AgentEvent) => void {
  const failing = new Set<NamespaceName>();
  return (event) => {
    switch (event.kind) {
      case 'operation': {
        const { operation, result } = event;
        const record = { namespace: operation.namespace, operation: operation.kind, what: describe(operation) };
        if (result === 'done') logger.debug(record, 'done');
        else if (result === 'not tried') logger.warn(record, 'not tried');
        else logger.error({ ...record, errno: result.errno, kernel: result.message }, 'refused by the kernel');
        return;
      }
      case 'round':
        if (event.operations === 0) return;
        return logger.info(
          { subjects: event.subjects, operations: event.operations, failures: event.failures, ms: event.milliseconds },
          'changed the kernel',
        );
      case 'drift':
        return event.isFight
          ? logger.error({ subject: event.subject }, 'somebody changes this again and again; its repair waits')
          : logger.warn({ subject: event.subject }, 'somebody has changed what is ours; it is repaired');
      case 'failure':
        return logger.error(
          { subject: event.subject, code: event.error.code, againInMs: event.againInMs },
          event.error.message,
        );
      case 'status': {
        const { subject, status } = event;
        const record = { subject, status: status?.status ?? 'gone' };
        // That all is well with each of a thousand routers is no news when an agent has been started.
        if (status?.status === 'ERROR') failing.add(subject);
        else if (!failing.delete(subject)) return logger.debug(record, 'status');
        return logger.info(record, 'status');
      }
      case 'lost events':
        return logger.warn('events of the kernel were lost; the whole host is read');
      case 'trouble':
        return logger.error(
          { err: event.error },
          'the kernel could not be read or told, or the store not be read; tried again in a second',
        );
      case 'read':
        return logger.debug(
          { namespaces: event.namespaces === 'all' ? 'all' : [...event.namespaces], ms: event.milliseconds },
          'read',
        );
      case 'settled':
        return logger.debug({ subject: event.subject, cause: event.cause, ms: event.milliseconds }, 'settled');
    }
  };
}
