// What the kernel room may use: the nftables side of a namespace, written in transactions and read
// back whole.

export { defineChain } from './chain.ts';
export { readCounters } from './counters.ts';
export { readGoneElements } from './element-dump.ts';
export { deleteElements, setElements } from './elements.ts';
export { isGenerationEvent } from './message.ts';
export { deleteRules } from './rule.ts';
export { readRuleset } from './ruleset.ts';
export { addSet } from './set.ts';
export { addTable, deleteTable, OWN_TABLE, readTables, type OwnTable } from './table.ts';
export { beginTransaction, endTransaction } from './transaction.ts';
