import { takeEachStep } from '@dipper/hub/evaluator/steps';
import { describe, expect, it } from 'vitest';

const broken = new Error('a rule that cannot be judged');
const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

async function taken(
  ...outcomes: readonly (Error | undefined)[]
): Promise<{ readonly steps: number[]; readonly error: unknown }> {
  const steps: number[] = [];
  const error: unknown = await takeEachStep(
    outcomes.map((outcome, index) => async () => {
      steps.push(index);
      if (outcome !== undefined) throw outcome;
    }),
  ).catch((reason: unknown) => reason);
  return { steps, error };
}

describe('the steps of a tick', () => {
  it('are all taken where one of them fails, and the failure is told', async () => {
    expect(await taken(undefined, broken, undefined)).toEqual({ steps: [0, 1, 2], error: broken });
    const several = await taken(broken, undefined, broken);
    expect([several.steps, (several.error as AggregateError).errors]).toEqual([
      [0, 1, 2],
      [broken, broken],
    ]);
  });

  it('end where there is no database', async () => {
    expect(await taken(undefined, gone, undefined)).toEqual({ steps: [0, 1], error: gone });
  });
});
