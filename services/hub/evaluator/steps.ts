import { isDatabaseUnavailable } from '../database/errors.ts';

/**
 * Takes steps that do not need each other, one after the other. One that fails is no reason to leave out those behind it:
 * where one alarm cannot be judged, all others still clear. Without a database none of them could be taken.
 * @throws what the first failed with; AggregateError when several did
 */
export async function takeEachStep(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} steps failed`);
  if (failures.length === 1) throw failures[0];
}
