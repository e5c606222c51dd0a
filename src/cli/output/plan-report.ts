// Plans, for a person and for a program.

import { describe, describePlan } from '../../host/describe.ts';
import type { Operation, Plan } from '../../host/plan.ts';
import { nameDocument } from './state-document.ts';
import type { Colors } from './terminal.ts';

/** The operations under their namespaces, coloured by what they do. */
export function planText(plan: Plan, colors: Colors): string {
  const paint: Record<string, Colors['green']> = { '+': colors.green, '~': colors.yellow, '-': colors.red };
  return describePlan(plan).replace(/^( {2}([+~-]).*|\S.*)$/gm, (line, _line, sign: string | undefined) =>
    sign === undefined ? colors.bold(line) : (paint[sign] ?? String)(line),
  );
}

/** An operation in JSON. */
interface OperationDocument {
  readonly kind: Operation['kind'];
  /** `null` for the host's own. */
  readonly namespace: string | null;
  /** As `buoy plan` prints it. */
  readonly lines: readonly string[];
}

function operationDocument(operation: Operation): OperationDocument {
  return { kind: operation.kind, namespace: nameDocument(operation.namespace), lines: describe(operation) };
}

export function planDocument(plan: Plan): readonly OperationDocument[] {
  return plan.steps.flatMap((step) => step.operations.map(operationDocument));
}
