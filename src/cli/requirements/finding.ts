import type { Requirement, RequirementId } from './requirement.ts';

export type Verdict = 'there' | 'missing' | 'not tried';

export interface Finding extends Requirement {
  readonly id: RequirementId;
  readonly verdict: Verdict;
  /** What was found: a number, the kernel's words, or why it could not be tried. */
  readonly detail: string | undefined;
}

/** A finding before it meets the words of its requirement. */
export interface Observation {
  readonly verdict: Verdict;
  readonly detail?: string;
  /** In place of the requirement's, where more is known of this machine. */
  readonly remedy?: string;
}
