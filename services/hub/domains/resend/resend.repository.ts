import { sql, type Transaction } from 'kysely';
import { multirangeFrom, rangesFromMultirange, type SequenceRanges } from '../../database/sequence-set.ts';

// biome-ignore lint/suspicious/noExplicitAny: written in SQL, for a pool of whatever tables
type AnyTx = Transaction<any>;

export interface ResendRow {
  readonly id: string;
  readonly ordinal: string;
  readonly agent: string;
  readonly epoch: string | null;
  readonly receipted_since: Date | null;
  readonly reason: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly outcome: string | null;
  readonly events: number | null;
  readonly arrived: string | null;
}

/** Sequences of one epoch that were refused and not asked for since. */
export interface RefusedSequences {
  readonly epoch: string;
  readonly ranges: SequenceRanges;
}

/** What of an agent is among the dead letters with a position, and has not been sent again yet. */
export async function findRefused(tx: AnyTx, agent: string, code: string | undefined): Promise<RefusedSequences[]> {
  const { rows } = await sql<{ epoch: string; ranges: string }>`
    select letter.epoch, range_agg(int8range(letter.sequence, letter.sequence, '[]'))::text as ranges
      from dipper.dead_letter letter
      join dipper.agent_epoch known on known.agent = letter.agent and known.epoch = letter.epoch
     where letter.agent = ${agent} and letter.sequence is not null and letter.resent_at is null
       and known.seen @> letter.sequence
       and (${code ?? null}::text is null or letter.reason = ${code ?? null})
     group by letter.epoch
     order by letter.epoch`.execute(tx);
  return rows.map(({ epoch, ranges }) => ({ epoch, ranges: rangesFromMultirange(ranges) }));
}

/**
 * Takes sequences out of those seen and judged, so that they are taken in and judged when they come again. The lock of
 * the epoch's row is that of the ingest; the agent's is the evaluator's lease, so no judging is under way.
 */
export async function forgetSequences(tx: AnyTx, agent: string, { epoch, ranges }: RefusedSequences): Promise<void> {
  const taken = multirangeFrom(ranges);
  await sql`select from dipper.agent where id = ${agent} for no key update`.execute(tx);
  await sql`update dipper.agent_epoch set seen = seen - ${taken}::int8multirange
             where agent = ${agent} and epoch = ${epoch}::uuid`.execute(tx);
  await sql`update dipper.agent_evaluation set evaluated = evaluated - ${taken}::int8multirange
             where agent = ${agent} and epoch = ${epoch}::uuid`.execute(tx);
}

/** Undoes that for sequences that will not come: they count as seen, as dead letters, which is what they are. */
export async function rememberSequences(tx: AnyTx, agent: string, { epoch, ranges }: RefusedSequences): Promise<void> {
  if (ranges.length === 0) return;
  const given = multirangeFrom(ranges);
  await sql`select from dipper.agent where id = ${agent} for no key update`.execute(tx);
  // What has come meanwhile waits to be judged.
  const { rows } = await sql<{ missing: string }>`
    select (${given}::int8multirange - seen)::text as missing from dipper.agent_epoch
     where agent = ${agent} and epoch = ${epoch}::uuid for no key update`.execute(tx);
  const missing = rows[0]?.missing ?? '{}';
  await sql`update dipper.agent_epoch set seen = seen + ${missing}::int8multirange
             where agent = ${agent} and epoch = ${epoch}::uuid`.execute(tx);
  await sql`update dipper.agent_evaluation set evaluated = evaluated + ${missing}::int8multirange
             where agent = ${agent} and epoch = ${epoch}::uuid`.execute(tx);
}

/** Notes on the dead letters of these sequences that they are on their way. */
export async function markResent(tx: AnyTx, agent: string, of: RefusedSequences, at: Date): Promise<void> {
  await sql`update dipper.dead_letter set resent_at = ${at}
             where agent = ${agent} and epoch = ${of.epoch}::uuid
               and ${multirangeFrom(of.ranges)}::int8multirange @> sequence`.execute(tx);
}

export interface NewResendRow {
  readonly id: string;
  readonly agent: string;
  readonly refused: RefusedSequences | undefined;
  readonly receiptedSince: Date | undefined;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

export async function insertResend(tx: AnyTx, row: NewResendRow): Promise<void> {
  const ranges = row.refused === undefined ? null : multirangeFrom(row.refused.ranges);
  await sql`
    insert into dipper.resend (id, agent, epoch, ranges, receipted_since, reason, requested_by, requested_at, asked_at)
    values (${row.id}::uuid, ${row.agent}, ${row.refused?.epoch ?? null}::uuid, ${ranges}::int8multirange,
            ${row.receiptedSince ?? null}::timestamptz, ${row.reason}, ${row.requestedBy}, ${row.requestedAt}, now())`.execute(
    tx,
  );
}

/**
 * Takes what was to be asked and got no answer from whoever took it last, the oldest first: that copy of the hub is gone,
 * or could not write the answer down. Ages are measured by the clock of the database.
 */
export async function takeUnanswered(tx: AnyTx, patienceMs: number, limit: number): Promise<NewResendRow[]> {
  const { rows } = await sql<ResendRow & { ranges: string | null }>`
    update dipper.resend set asked_at = now()
     where id in (select id from dipper.resend
                   where outcome is null and (asked_at is null or asked_at > now()
                                              or asked_at <= now() - ${patienceMs} * interval '1 millisecond')
                   order by requested_at limit ${limit} for update skip locked)
    returning id, ordinal, agent, epoch, ranges::text, receipted_since, reason, requested_by, requested_at`.execute(tx);
  return rows
    .sort((a, b) => Number(a.ordinal) - Number(b.ordinal))
    .map((row) => ({
      id: row.id,
      agent: row.agent,
      refused: row.epoch === null ? undefined : { epoch: row.epoch, ranges: rangesFromMultirange(row.ranges ?? '{}') },
      receiptedSince: row.receipted_since ?? undefined,
      reason: row.reason,
      requestedBy: row.requested_by,
      requestedAt: row.requested_at,
    }));
}

/** Whether nobody has written down an answer yet; until the transaction ends nobody else does. */
export async function lockUnanswered(tx: AnyTx, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from dipper.resend where id = ${id}::uuid and outcome is null for update`.execute(tx);
  return rows.length > 0;
}

export async function finishResend(
  tx: AnyTx,
  id: string,
  outcome: string,
  events: number | undefined,
  kept: SequenceRanges | undefined,
): Promise<void> {
  await sql`
    update dipper.resend set outcome = ${outcome}, events = ${events ?? null},
           ranges = coalesce(${kept === undefined ? null : multirangeFrom(kept)}::int8multirange, ranges)
     where id = ${id}::uuid`.execute(tx);
}

/** Newest first; `arrived` counts the sequences that are in the database again. */
export async function listResends(
  tx: AnyTx,
  { agent, ids, behind, limit }: { agent: string; ids?: readonly string[]; behind?: string | undefined; limit: number },
): Promise<ResendRow[]> {
  const { rows } = await sql<ResendRow>`
    select r.id, r.ordinal, r.agent, r.epoch, r.receipted_since, r.reason, r.requested_by, r.requested_at, r.outcome,
           r.events,
           case when r.epoch is not null then
             (select coalesce(sum(upper(part) - lower(part)), 0)
                from dipper.agent_epoch known, unnest(known.seen * r.ranges) as part
               where known.agent = r.agent and known.epoch = r.epoch) end as arrived
      from dipper.resend r
     where r.agent = ${agent}
       and (${ids ?? null}::uuid[] is null or r.id = any(${ids ?? null}::uuid[]))
       and (${behind ?? null}::bigint is null or r.ordinal < ${behind ?? null}::bigint)
     order by r.ordinal desc
     limit ${limit}`.execute(tx);
  return rows;
}
