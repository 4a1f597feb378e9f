import type { DataClassName } from '@dipper/contract/api/retention';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../database/pool.ts';

/** What a deletion leaves behind. */
export interface Removal {
  /** The table the rows were in. */
  readonly subject: string;
  /** Times of the oldest and the newest deleted row. */
  readonly from: Date;
  readonly until: Date;
  readonly rows: number;
  /** Over the ids, ascending; see the comment of the column `deletion.sha256`. */
  readonly sha256: Buffer;
}

/** One class of data: how to find and remove what is too old, a short transaction at a time. */
export interface DataClass {
  readonly name: DataClassName;
  /** Time of the oldest row; undefined when there is none. */
  findOldest(tx: Tx): Promise<Date | undefined>;
  /** On disk, indexes included. */
  measureBytes(tx: Tx): Promise<number>;
  /** Removes one slice of what is older; undefined when nothing is. A slice may have removed an empty chunk alone. */
  removeNext(tx: Tx, before: Date): Promise<readonly Removal[] | undefined>;
  /** Compresses one chunk of what is older; whether there was one. Absent where nothing is compressed. */
  compressNext?(tx: Tx, before: Date): Promise<boolean>;
}

/** Where the rows of a class are. Names come from our own code, never from outside. */
export interface RowSource {
  readonly table: string;
  readonly timeColumn: string;
  readonly idType: 'uuid' | 'bigint';
  /** What is not over stays, however old it is; columns of the table carry its name. Absent: age alone decides. */
  readonly isOver?: RawBuilder<unknown>;
}
