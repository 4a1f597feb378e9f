/** Something in the environment or in a file of configuration cannot be used; the hub does not start with it. */
export class ConfigInvalidError extends Error {
  readonly code = 'CONFIG_INVALID';
  /** One sentence per problem: where it is, what is wrong, what would be right. */
  readonly problems: readonly string[];

  /** @param origin file or "environment" that the problems are in */
  constructor(origin: string, problems: readonly string[], options: { cause?: unknown } = {}) {
    super(`${origin}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`, options);
    this.name = 'ConfigInvalidError';
    this.problems = problems;
  }
}
