import type { Tx } from '../../database/pool.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import type { ChangeSet } from '../change/change-set.ts';
import type { PlaceDirectory } from '../place/place-directory.ts';

/** The transaction in which alarms, incidents, cases and their changes are written together. */
export interface Response {
  readonly tx: Tx;
  readonly changes: ChangeSet;
  /** By the hub's clock. */
  readonly now: Date;
  readonly rules: RuleBook;
  readonly places: PlaceDirectory;
}
