import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { DeadLetterView } from '@dipper/contract/api/resend';
import { type Kysely, sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';

export interface DeadLetterFilter {
  readonly agent?: string;
  readonly reason?: string;
}

export interface DeadLetterService {
  list(query: PageQuery & DeadLetterFilter): Promise<Page<DeadLetterView>>;
}

interface Row {
  readonly id: string;
  readonly agent: string | null;
  readonly topic: string;
  readonly reason: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly epoch: string | null;
  readonly sequence: string | null;
  readonly times: number;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly resent_at: Date | null;
}

/** What people see of what was refused. */
// biome-ignore lint/suspicious/noExplicitAny: written in SQL, for a pool of whatever tables
export function createDeadLetterService(db: Kysely<any>): DeadLetterService {
  return {
    list({ agent = null, reason = null, ...page }) {
      const read = async (behind: string | undefined, limit: number): Promise<Row[]> => {
        const { rows } = await sql<Row>`
          select id, agent, topic, reason, encode(sha256, 'hex') as sha256, bytes, epoch, sequence, times, first_at,
                 last_at, resent_at
            from dipper.dead_letter
           where (${agent}::text is null or agent = ${agent}) and (${reason}::text is null or reason = ${reason})
             and (${behind ?? null}::bigint is null or id < ${behind ?? null}::bigint)
           order by id desc limit ${limit}`.execute(db);
        return rows;
      };
      return translateUnavailable(() => pageByOrdinal(page, read, ({ id }) => id, viewFromRow));
    },
  };
}

function viewFromRow(row: Row): DeadLetterView {
  return {
    id: row.id,
    agent: row.agent,
    topic: row.topic,
    reason: row.reason,
    sha256: row.sha256,
    bytes: row.bytes,
    epoch: row.epoch,
    sequence: row.sequence === null ? null : Number(row.sequence),
    times: row.times,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    resentAt: row.resent_at?.toISOString() ?? null,
  };
}
