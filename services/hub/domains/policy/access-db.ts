import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../database/schema.ts';
import type { AccessPointTables } from '../access-point/access-point.tables.ts';
import type { AccessScheduleTables } from '../access-schedule/access-schedule.tables.ts';
import type { HolderTables } from '../holder/holder.tables.ts';
import type { PassTables } from '../pass/pass.tables.ts';
import type { PolicyTables } from './policy.tables.ts';

/** All that a policy is compiled of. */
export type AccessTables = AccessPointTables & AccessScheduleTables & HolderTables & PassTables & PolicyTables;
export type AccessDb = Kysely<Database & AccessTables>;
export type AccessTx = Transaction<Database & AccessTables>;
