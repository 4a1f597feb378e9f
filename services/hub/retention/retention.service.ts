import type { Page, PageQuery } from '@dipper/contract/api/page';
import {
  DATA_CLASSES,
  type DataClassName,
  type DeletionView,
  type RetentionView,
} from '@dipper/contract/api/retention';
import { translateUnavailable } from '../database/errors.ts';
import type { Db } from '../database/pool.ts';
import { pageByOrdinal } from '../domains/account/ordinal-page.ts';
import type { DataClass } from './data-class.ts';
import { createDataClasses } from './data-classes.ts';
import { deletionFromRow, listDeletions } from './deletion.repository.ts';
import type { JobRow } from './job.repository.ts';
import type { RetentionTables } from './retention.tables.ts';
import type { RetentionPolicy } from './retention-file.ts';

export interface RetentionService {
  /** Every class of data: how long it is kept, and how that goes. */
  list(): Promise<RetentionView[]>;
  /** Proofs of deletion, the latest first. @throws DipperError CURSOR_INVALID */
  deletions(query: PageQuery & { readonly class?: DataClassName }): Promise<Page<DeletionView>>;
}

export function createRetentionService(db: Db, policy: RetentionPolicy, cases: readonly DataClass[]): RetentionService {
  const tables = db.$extendTables<RetentionTables>();
  // Only asked for their oldest rows, which takes no chunks.
  const classes = createDataClasses(false, undefined, cases);
  return {
    list: () =>
      translateUnavailable(async () => {
        const jobs = await tables.selectFrom('dipper.history_job').selectAll().execute();
        const oldest = await db.transaction().execute(async (tx) => {
          const found = new Map<DataClassName, Date | undefined>();
          for (const data of classes) found.set(data.name, await data.findOldest(tx));
          return found;
        });
        return DATA_CLASSES.map((name) =>
          viewOf(
            name,
            policy,
            oldest.get(name),
            jobs.find((job) => job.class === name),
          ),
        );
      }),
    deletions: ({ class: name, ...page }) =>
      translateUnavailable(() =>
        pageByOrdinal(
          page,
          (behind, limit) => listDeletions(tables, name === undefined ? {} : { class: name }, behind, limit),
          ({ ordinal }) => ordinal,
          deletionFromRow,
        ),
      ),
  };
}

function viewOf(
  name: DataClassName,
  policy: RetentionPolicy,
  oldest: Date | undefined,
  job: JobRow | undefined,
): RetentionView {
  const { keepDays, compressAfterDays = null, reason } = policy[name];
  return {
    class: name,
    keepDays,
    compressAfterDays,
    reason,
    oldestAt: oldest?.toISOString() ?? null,
    bytes: job?.bytes == null ? null : Number(job.bytes),
    lastRunAt: job?.ended_at?.toISOString() ?? null,
    nextRunAt: job?.next_at?.toISOString() ?? null,
    lastError: job?.error ?? null,
  };
}
