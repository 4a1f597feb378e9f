import type { Kysely, Transaction } from 'kysely';
import { isTransactionConflict, translateUnavailable } from '../../database/errors.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import { noteAccessChange } from './access-revision.ts';

/**
 * To be called by the work with the estate that it changes, once it knows it: policies there are compiled anew. Whoever else
 * changes that estate waits from here on, so it comes before whatever must not change meanwhile.
 */
export type Follow = (estate: string) => Promise<void>;

/** Two people who change the same at once may wait for each other in a circle: the database ends one, who tries again. */
const MAX_ATTEMPTS = 3;

/**
 * Changes who may pass, in one transaction with the notes that policies follow and that the request was carried out. The work
 * does nothing outside of its transaction: it may be done again.
 */
export type ChangeAccess<Tables> = <T>(work: (tx: Transaction<Tables>, follow: Follow) => Promise<T>) => Promise<T>;

export interface AccessChangeOptions<Tables> {
  readonly db: Kysely<Tables>;
  /** Policies have to be compiled anew: called after the commit. */
  readonly onChange: () => void;
}

export function createChangeAccess<Tables>({ db, onChange }: AccessChangeOptions<Tables>): ChangeAccess<Tables> {
  const attempt: ChangeAccess<Tables> = (work) =>
    db.transaction().execute(async (tx) => {
      let isFollowed = false;
      const made = await work(tx, async (estate) => {
        isFollowed = true;
        await noteAccessChange(tx, estate);
      });
      if (!isFollowed) throw new Error('who may pass was changed, and no policy follows');
      await noteCarriedOut(tx);
      return made;
    });
  return (work) =>
    translateUnavailable(async () => {
      for (let left = MAX_ATTEMPTS; ; ) {
        try {
          const made = await attempt(work);
          onChange();
          return made;
        } catch (error) {
          left -= 1;
          if (left === 0 || !isTransactionConflict(error)) throw error;
        }
      }
    });
}
