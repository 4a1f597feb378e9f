import { RETENTION_CLASSES, type RetentionClass } from '@dipper/contract/events';
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../database/pool.ts';
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
 * Events per estate and hour, as of one moment: hours that have been counted, and the events themselves where nothing has
 * been counted yet or something came late.
 */
export function countEvents(db: Db, query: CountQuery): Promise<CountRow[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((tx) => countEventsIn(tx, query));
}

/** The same, of the moment that the transaction sees: it has to be repeatable read. */
export async function countEventsIn(tx: Tx, query: CountQuery): Promise<CountRow[]> {
  const parts = await findParts(tx, query);
  const { rows } = await sql<CountRow>`
    select estate, hour, sum(events) as events
      from (${sql.join(
        parts.flatMap((part) => selectsOf(part, query)),
        sql` union all `,
      )}) as part
     group by estate, hour order by estate, hour`.execute(tx);
  return rows;
}

/** How far a class is counted, within what is asked for. */
interface Part {
  readonly retention: RetentionClass;
  /** Hours before it are counted, */
  readonly countedUntil: Date;
  /** except these. */
  readonly late: readonly Date[];
}

/** Asked for beforehand, so that the database knows when it plans which days it need not look at. */
async function findParts(tx: Tx, { retention, from, until }: CountQuery): Promise<Part[]> {
  const { rows } = await sql<{ retention: RetentionClass; counted_until: Date | null; late: Date[] }>`
    select class as retention, counted_until,
           array(select distinct hour from dipper.history_late_hour late
                  where late.retention = class and hour >= ${from} and hour < least(counted_until, ${until})) as late
      from unnest(${retention === undefined ? RETENTION_CLASSES : [retention]}::text[]) as class
      left join dipper.history_count count on count.retention = class`.execute(tx);
  return rows.map((row) => {
    const countedMs = Math.min(Math.max(row.counted_until?.getTime() ?? 0, from.getTime()), until.getTime());
    return { retention: row.retention, countedUntil: new Date(countedMs), late: row.late };
  });
}

function selectsOf({ retention, countedUntil, late }: Part, query: CountQuery): RawBuilder<unknown>[] {
  const [events, counts] = [sql.table(`dipper.event_${retention}`), sql.table(countsOf(retention))];
  const { from, until } = query;
  const filter = filterOf(query);
  const selects = [
    sql`select estate, hour, events from ${counts}
         where hour >= ${from} and hour < ${countedUntil} and hour <> all (${late}::timestamptz[]) ${filter}`,
    sql`select estate, date_bin(interval '1 hour', occurred_at, timestamptz 'epoch'), count(*) from ${events}
         where occurred_at >= ${countedUntil} and occurred_at < ${until} ${filter} group by 1, 2`,
  ];
  if (late.length === 0) return selects;
  return [
    ...selects,
    sql`select estate, late.hour, count(*) from unnest(${late}::timestamptz[]) as late (hour) join ${events}
            on occurred_at >= late.hour and occurred_at < late.hour + interval '1 hour'
           and occurred_at >= ${from} and occurred_at < ${countedUntil} ${filter} group by 1, 2`,
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
