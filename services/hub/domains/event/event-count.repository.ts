import { RETENTION_CLASSES, type RetentionClass } from '@dipper/contract/events';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import { countsOf } from '../../retention/data-classes.ts';
import { type Scope, withinScope } from '../../scope/scope.ts';

/** Which events are counted. */
export interface CountQuery {
  /** Beginning of the first hour. */
  readonly from: Date;
  /** End of the last hour. */
  readonly until: Date;
  readonly retention?: RetentionClass;
  readonly estate?: string;
  readonly type?: string;
  readonly device?: string;
  readonly within?: Scope;
}

export interface CountRow {
  readonly estate: string;
  readonly hour: Date;
  readonly events: string;
}

/**
 * Events per estate and hour, in one statement and therefore of one moment: hours that have been counted, and the
 * events themselves where nothing has been counted yet or something came late.
 */
export async function countEvents(db: Db, query: CountQuery): Promise<CountRow[]> {
  const classes = query.retention === undefined ? RETENTION_CLASSES : [query.retention];
  const parts = classes.flatMap((retention) => partsOf(retention, query));
  const { rows } = await sql<CountRow>`
    select estate, hour, sum(events) as events from (${sql.join(parts, sql` union all `)}) as part
     group by estate, hour order by estate, hour`.execute(db);
  return rows;
}

function partsOf(retention: RetentionClass, query: CountQuery): RawBuilder<unknown>[] {
  const [events, counts] = [sql.table(`dipper.event_${retention}`), sql.table(countsOf(retention))];
  const { from, until } = query;
  const filter = filterOf(query);
  const countedUntil = sql`coalesce((select counted_until from dipper.history_count where retention = ${retention}), '-infinity')`;
  const late = sql`select distinct hour from dipper.history_late_hour where retention = ${retention}
                     and hour >= ${from} and hour < ${until} and hour < ${countedUntil}`;
  const hour = sql`date_bin(interval '1 hour', occurred_at, timestamptz 'epoch')`;
  return [
    sql`select estate, hour, events from ${counts}
         where hour >= ${from} and hour < ${until} and hour < ${countedUntil} and hour not in (${late}) ${filter}`,
    sql`select estate, ${hour}, count(*) from ${events}
         where occurred_at >= ${from} and occurred_at < ${until} and occurred_at >= ${countedUntil} ${filter} group by 1, 2`,
    sql`select estate, late.hour, count(*) from (${late}) as late join ${events}
            on occurred_at >= late.hour and occurred_at < late.hour + interval '1 hour' ${filter} group by 1, 2`,
  ];
}

function filterOf({ estate, type, device, within = 'everywhere' }: CountQuery): RawBuilder<unknown> {
  const equalities = Object.entries({ estate, type, device }).filter(([, value]) => value !== undefined);
  return sql.join(
    [
      ...equalities.map(([column, value]) => sql`and ${sql.ref(column)} = ${value}`),
      // Counted per estate: who sees one grid of it is not told what happens in the whole.
      sql`and ${withinScope(within, { estate: 'estate' })}`,
    ],
    sql` `,
  );
}
