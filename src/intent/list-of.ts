// Lists whose faults are found within bounds. Zod makes an issue of each fault, some 2 KB, and hands
// them on as the arguments of one call: a file of a few MB of wrong entries would exhaust memory or
// the stack. Nobody reads more than the first hundred.

import { z } from 'zod';

const MOST_ISSUES = 100;
/** Of one entry in a YAML file; a router with as many routes or interfaces would be beyond the kernel. */
const MOST_MEMBERS = 10_000;

/** A list of any length, which is read no further than up to the issues that are shown. */
export function listOf<T extends z.ZodType>(member: T) {
  return z.array(z.unknown()).transform((values, context) => {
    const members: z.output<T>[] = [];
    for (const [index, value] of values.entries()) {
      const result = member.safeParse(value);
      if (result.success) members.push(result.data);
      else
        for (const issue of result.error.issues)
          context.issues.push({ ...issue, input: undefined, path: [index, ...issue.path] });
      if (context.issues.length >= MOST_ISSUES) break;
    }
    return members;
  });
}

/** A list that is not read at all when it is longer than any that is meant. To JSON Schema it is a list as any other. */
export function shortListOf<T extends z.ZodType>(member: T) {
  return z.preprocess((value, context) => {
    if (Array.isArray(value) && value.length > MOST_MEMBERS) {
      context.addIssue({ code: 'custom', message: `has ${value.length} members, more than ${MOST_MEMBERS}` });
      return z.NEVER;
    }
    return value;
  }, z.array(member));
}
