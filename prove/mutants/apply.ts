import type { Mutant } from './mutant.ts';

const TWO_KERNELS = 'test/kernel/two-kernels.kernel.test.ts';
const LINUX = 'test/kernel/linux/linux-kernel.kernel.test.ts';

/** In what all kernels have in common. */
export const APPLY: readonly Mutant[] = [
  {
    bug: 'a router is gone on with after one of its operations has failed',
    file: 'src/kernel/run-plan.ts',
    text: 'if (this.#hasFailed(step)) break;',
    becomes: '',
    catcher: 'histories',
  },
  {
    bug: 'a router gives a floating IP up to one that has failed',
    file: 'src/kernel/run-plan.ts',
    text: 'failed.has(subject) || after.some((other) => failed.has(other))',
    becomes: 'failed.has(subject)',
    catcher: 'histories',
  },
  {
    bug: 'an operation is begun before it is known what became of those before it',
    file: 'src/kernel/run-plan.ts',
    text: '        this.#settle(operation);\n',
    becomes: '',
    catcher: 'histories',
  },
  {
    bug: 'translations are committed at the end of a step only',
    file: 'src/kernel/run-plan.ts',
    text: 'if (!isRulesetOperation(operation)) this.#executor.sendRuleset();',
    becomes: '',
    catcher: 'histories',
  },
  {
    bug: 'the last transaction of a step is not committed',
    file: 'src/kernel/run-plan.ts',
    text: '      this.#executor.sendRoute();\n      this.#executor.sendRuleset();\n',
    becomes: '      this.#executor.sendRoute();\n',
    catcher: 'histories',
  },
  {
    bug: 'links that are made at the end of a step stay down',
    file: 'src/kernel/run-plan.ts',
    text: '      this.#executor.bringUp();\n      this.#executor.sendRoute();\n      this.#executor.sendRuleset();\n',
    becomes: '      this.#executor.sendRoute();\n      this.#executor.sendRuleset();\n',
    catcher: 'histories',
  },
  {
    bug: 'what is gone already cannot be deleted',
    file: 'src/kernel/operation-kinds.ts',
    text: "const GONE = new Set(['ENOENT', 'ESRCH', 'ENODEV', 'EADDRNOTAVAIL']);",
    becomes: 'const GONE = new Set<string>();',
    catcher: 'histories',
  },
  {
    bug: 'a router that fails stops all others',
    file: 'src/kernel/run-plan.ts',
    text: 'return failed.size > 0 && (',
    becomes: 'return failed.size > 0 || (',
    catcher: 'histories',
  },
  {
    bug: 'a namespace is closed that the next steps need',
    file: 'src/kernel/run-plan.ts',
    text: 'this.#executor.release(next.touched);',
    becomes: 'this.#executor.release(new Set());',
    catcher: 'histories',
  },
  {
    bug: 'some steps of a long plan are left out',
    file: 'src/kernel/run-plan.ts',
    text: 'start += this.#stepsAtOnce)',
    becomes: 'start += this.#stepsAtOnce + 1)',
    catcher: 'histories',
  },
];

/** In the real kernel's room. */
export const APPLY_ON_LINUX: readonly Mutant[] = [
  {
    bug: 'every nftables operation is a transaction of its own',
    file: 'src/kernel/linux/transaction-queue.ts',
    text: 'if (this.#session !== session) this.flush();',
    becomes: 'this.flush();',
    catcher: TWO_KERNELS,
  },
  {
    bug: 'a namespace loses its mark when its ruleset is replaced',
    file: 'src/kernel/linux/transaction-queue.ts',
    text: 'addTable(this.#batch, this.#mark);',
    becomes: "addTable(this.#batch, '');",
    catcher: TWO_KERNELS,
  },
  {
    bug: 'a refusal is taken for that of the operation before',
    file: 'src/kernel/linux/queue.ts',
    text: 'first <= refusal.sequence',
    becomes: 'first < refusal.sequence',
    catcher: TWO_KERNELS,
  },
  {
    bug: 'a refusal is not reported',
    file: 'src/kernel/linux/queue.ts',
    text: 'this.#report({ operation: owner.operation, errno, message: refusal.message });',
    becomes: '',
    catcher: TWO_KERNELS,
  },
  {
    bug: 'a new MTU does not reach the kernel',
    file: 'src/kernel/linux/write-route.ts',
    text: '    ...(link.mtu !== undefined && link.mtu !== before.mtu && { mtu: link.mtu }),\n',
    becomes: '',
    catcher: TWO_KERNELS,
  },
  {
    bug: 'what is announced after a change of the MAC address carries the old one',
    file: 'src/kernel/linux/write-route.ts',
    text: 'if (change.mac !== undefined) session.learn(',
    becomes: 'if (change.mac === undefined) session.learn(',
    catcher: LINUX,
  },
  {
    bug: 'a namespace that became another’s since it was read is changed',
    file: 'src/kernel/linux/execution.ts',
    text: 'readTables(open.netfilter).own?.comment === mark',
    becomes: 'true',
    catcher: LINUX,
  },
  {
    bug: 'a namespace is closed that the next steps of a long plan need',
    file: 'src/kernel/linux/execution.ts',
    text: ' || neededNext.has(name)) continue;',
    becomes: ') continue;',
    catcher: LINUX,
  },
  {
    bug: 'a run ends before the links of deleted namespaces are gone',
    file: 'src/kernel/linux/execution.ts',
    text: 'await this.#vanishing.wait();',
    becomes: 'await Promise.resolve();',
    catcher: LINUX,
  },
  {
    bug: 'the end of a namespace is taken for that of the one that has got its number',
    file: 'src/kernel/linux/watch/host-watch.ts',
    text: '    this.catchUp();\n    this.#known.add(name, known);',
    becomes: '    this.#known.add(name, known);',
    catcher: 'test/kernel/linux/known-namespaces.kernel.test.ts',
  },
  {
    bug: 'a device of somebody else is found by its alternative name',
    file: 'src/netlink/route/link.ts',
    text: 'link?.name === which ? link',
    becomes: 'which.length > 0 ? link',
    catcher: 'test/kernel/linux/linux-kernel.kernel.test.ts',
  },
  {
    bug: 'of a transaction in nftables what it adds is not heard beside what it takes away',
    file: 'src/kernel/linux/watch/heard-rulesets.ts',
    text: "this.#open.set(namespace, 'changed');",
    becomes: 'this.#open.set(namespace, heard ?? []);',
    catcher: 'test/kernel/linux/watch.kernel.test.ts',
  },
];
