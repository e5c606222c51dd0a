/** A bug to put into the program, by a change of one place. */
export interface Mutant {
  /** What is wrong with the program then. */
  readonly bug: string;
  readonly file: string;
  /** What stands in the file, once. */
  readonly text: string;
  readonly becomes: string;
  /** What has to find it: random histories of the core or of the whole agent, or the tests in one file. */
  readonly catcher: 'histories' | 'agent histories' | `test/${string}.test.ts`;
}
