// Rules: NFT_MSG_NEWRULE and GETRULE.

import { TABLE_NAME, type Statement } from '../../host/ruleset.ts';
import { eachAttribute, MalformedReply, readString, type ReceivedMessage } from '../attributes.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import { attributesStart } from '../nfnetlink.ts';
import {
  decodeExpressions,
  encodeExpression,
  type Expression,
  type UnknownExpression,
} from './expressions/expression.ts';
import { beginMessage, NFT } from './message.ts';
import { compile, recognise } from './statements.ts';

export const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_EXPRESSIONS = 4;

/** Appends a rule to a chain of our table. */
export function addRule(batch: MessageBatch, chain: string, statements: readonly Statement[]): void {
  beginMessage(batch, NFT.NEWRULE, NLM_F.CREATE | NLM_F.APPEND);
  batch.attributeString(NFTA_RULE_TABLE, TABLE_NAME);
  batch.attributeString(NFTA_RULE_CHAIN, chain);
  const list = batch.beginNested(NFTA_RULE_EXPRESSIONS);
  for (const statement of statements) {
    for (const expression of compile(statement)) encodeExpression(batch, expression);
  }
  batch.endNested(list);
  batch.end();
}

/** Deletes all rules of a chain of our table; none is fine. */
export function deleteRules(batch: MessageBatch, chain: string): void {
  beginMessage(batch, NFT.DELRULE, 0);
  batch.attributeString(NFTA_RULE_TABLE, TABLE_NAME);
  batch.attributeString(NFTA_RULE_CHAIN, chain);
  batch.end();
}

/** A rule as the kernel describes it. */
export interface ReadRule {
  readonly chain: string;
  readonly statements: readonly Statement[];
}

/** Throws MalformedReply. */
export function decodeRule(message: ReceivedMessage): ReadRule {
  const { buffer, end } = message;
  let chain: string | undefined;
  let expressions: readonly (Expression | UnknownExpression)[] = [];
  eachAttribute(buffer, attributesStart(message), end, (type, from, to) => {
    if (type === NFTA_RULE_CHAIN) chain = readString(buffer, from, to);
    else if (type === NFTA_RULE_EXPRESSIONS) expressions = decodeExpressions(buffer, from, to);
  });
  if (chain === undefined) throw new MalformedReply('rule without a chain');
  return { chain, statements: recognise(expressions) };
}
