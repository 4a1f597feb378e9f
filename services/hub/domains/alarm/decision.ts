import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import { createChangeSet } from '../change/change-set.ts';
import { stopGrouping } from '../incident/grouping-gate.ts';
import type { PlaceDirectory } from '../place/place-directory.ts';
import type { Response } from './response.ts';

/** Carries out what somebody has decided about alarms or incidents, in one transaction with its changes. */
export type Decide = <T>(work: (response: Response) => Promise<T>) => Promise<T>;

export interface DecideOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
  readonly now: () => number;
  /** Called after a commit that wrote changes. */
  readonly onCommit: () => void;
}

/** Decisions that silence or regroup alarms are made one at a time, while no alarm is being raised (see `stopGrouping`). */
export function createDecide({ db, rules, places, now, onCommit }: DecideOptions): Decide {
  return (work) =>
    translateUnavailable(async () => {
      const result = await db.transaction().execute(async (tx) => {
        await stopGrouping(tx);
        const changes = createChangeSet();
        const at = new Date(now());
        const outcome = await work({ tx, changes, now: at, rules, places });
        await changes.write(tx, at);
        return outcome;
      });
      onCommit();
      return result;
    });
}
