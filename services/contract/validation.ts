import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { DipperError, type ErrorCode } from './errors.ts';

export interface Problem {
  /** JSON pointer into the value, empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

export interface Validator<T> {
  is(value: unknown): value is T;
  problems(value: unknown): Problem[];
  /** The value, typed. @throws DipperError with the code given and the problems as detail */
  parse(value: unknown, code?: ErrorCode): T;
}

/** The largest number of problems named in one error; a hostile message must not fill the log. */
const MAX_PROBLEMS = 8;

/** Compiles a schema once; both sides of every boundary parse with the result. */
export function createValidator<S extends TSchema>(schema: S): Validator<Static<S>> {
  const compiled = Compile(schema);
  const problems = (value: unknown): Problem[] =>
    compiled
      .Errors(value)
      .slice(0, MAX_PROBLEMS)
      .map((error) => ({ path: error.instancePath, message: error.message }));
  return {
    is: (value): value is Static<S> => compiled.Check(value),
    problems,
    parse(value, code = 'MESSAGE_INVALID') {
      if (compiled.Check(value)) return value as Static<S>;
      const found = problems(value);
      const first = found[0];
      throw new DipperError(code, {
        message: first === undefined ? `${code}: no schema matches` : `${first.path || '/'}: ${first.message}`,
        detail: found,
      });
    },
  };
}
