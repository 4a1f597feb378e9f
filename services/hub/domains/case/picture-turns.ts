import { DipperError } from '@dipper/contract/errors';

/** Lets a few at a time do what takes much memory; the others wait in the order in which they came. */
export interface PictureTurns {
  /** @throws DipperError ATTACHMENTS_BUSY when too many wait already; whatever the work throws */
  take<T>(work: () => Promise<T>): Promise<T>;
}

export function createPictureTurns(atOnce: number, maxWaiting: number): PictureTurns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async take(work) {
      if (running < atOnce) running += 1;
      else if (waiting.length >= maxWaiting) throw new DipperError('ATTACHMENTS_BUSY');
      // Whoever ends hands over the turn itself: nobody who comes meanwhile can take it.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
