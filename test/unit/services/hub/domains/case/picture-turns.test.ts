import { createPictureTurns } from '@dipper/hub/domains/case/picture-turns';
import { describe, expect, it } from 'vitest';

/** Work that ends when it is told to. */
function createWork() {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    end: (index: number): void => ends[index]?.(),
    of: (number: number) => () =>
      new Promise<number>((resolve, reject) => {
        begun.push(number);
        ends[number] = () => (number === 0 ? reject(new Error('failed')) : resolve(number));
      }),
  };
}

describe('turns of pictures', () => {
  it('are taken by so many at once, in the order in which they came, and refused when too many wait', async () => {
    const turns = createPictureTurns(2, 2);
    const work = createWork();
    const taken = [0, 1, 2, 3].map((number) => turns.take(work.of(number)));
    const settled = Promise.allSettled(taken);
    await expect(turns.take(work.of(4))).rejects.toMatchObject({ code: 'ATTACHMENTS_BUSY' });
    expect(work.begun).toEqual([0, 1]);
    // One that fails gives its turn away as well.
    work.end(0);
    await taken[0]?.catch(() => undefined);
    expect(work.begun).toEqual([0, 1, 2]);
    const last = turns.take(work.of(5));
    work.end(1);
    await taken[1];
    expect(work.begun).toEqual([0, 1, 2, 3]);
    for (const number of [2, 3]) work.end(number);
    await Promise.all(taken.slice(2));
    work.end(5);
    expect(await last).toBe(5);
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});
