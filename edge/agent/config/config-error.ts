/** The configuration cannot be used; the agent does not start with it. */
export class ConfigInvalidError extends Error {
  readonly code = 'CONFIG_INVALID';
  /** One sentence per problem: line, key, what is wrong, what would be right. Never a value that may be secret. */
  readonly problems: readonly string[];

  constructor(path: string, problems: readonly string[], options: { cause?: unknown } = {}) {
    super(`${path} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`, options);
    this.name = 'ConfigInvalidError';
    this.problems = problems;
  }
}

/** Valid, and more than a running agent can take up. */
export class ConfigRestartError extends Error {
  readonly code = 'CONFIG_NEEDS_RESTART';

  /** @param sections of the configuration, by their names */
  constructor(sections: readonly string[]) {
    super(`Only a restart of the agent takes up what changed under ${sections.join(', ')}.`);
    this.name = 'ConfigRestartError';
  }
}
