import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';

const DAY_MS = 24 * 3_600_000;
/**
 * How far clocks may move between two looks and be believed at once: a hub that was off over a long weekend. A clock
 * that is wrong by less deletes what had so much of its time left.
 */
const MAX_STEP_MS = 3 * DAY_MS;
/** A leap is believed once clocks have gone on from there for so long: time for somebody to see it and to set them. */
export const BELIEVED_AFTER_MS = 3 * DAY_MS;
/** What is known is written down anew when it is older: a slice more or less makes no difference. */
const NOTED_EVERY_MS = 60_000;

/** How late it is known to be, in milliseconds since 1970. */
export interface KnownTime {
  readonly knownAt: number;
  /** What clocks showed when they were first seen to have leapt, and last; undefined while they have not. */
  readonly leap: { readonly from: number; readonly seenAt: number } | undefined;
}

/** Clocks that show something else than what goes on from what is known. */
export interface ClockLeap {
  readonly knownAt: Date;
  readonly clockAt: Date;
  /** When it will be believed, by that clock, if nobody sets it right. */
  readonly believedAt: Date;
}

export interface DeletionTime {
  /** The instant by which ages are measured when something is to be deleted. */
  readonly at: Date;
  readonly leap: ClockLeap | undefined;
}

/** Follows a clock: a small step is time that has passed, a large one a leap that has to stand before it counts. */
export function followClock({ knownAt, leap }: KnownTime, clockAt: number): KnownTime {
  if (Math.abs(clockAt - knownAt) <= MAX_STEP_MS) return { knownAt: Math.max(knownAt, clockAt), leap: undefined };
  const goesOn = leap !== undefined && Math.abs(clockAt - leap.seenAt) <= MAX_STEP_MS && clockAt >= leap.from;
  if (!goesOn) return { knownAt, leap: { from: clockAt, seenAt: clockAt } };
  if (clockAt - leap.from >= BELIEVED_AFTER_MS) return { knownAt: clockAt, leap: undefined };
  return { knownAt, leap: { from: leap.from, seenAt: Math.max(leap.seenAt, clockAt) } };
}

/**
 * How late it is for deletions. The hub's clock, the database's and what both showed before have to agree: history that
 * a wrong clock has deleted is gone, and what is kept some days too long is not. To be called in the transaction that
 * deletes, one at a time; whatever was stored last is what is known where nobody has looked before.
 */
export async function readDeletionTime(tx: Tx, hubNow: Date): Promise<DeletionTime> {
  const clockAt = await earliestClock(tx, hubNow);
  const before = (await findKnown(tx)) ?? { knownAt: await firstKnown(tx, clockAt), leap: undefined };
  const after = followClock(before, clockAt);
  if (isWorthNoting(before, after)) await noteKnown(tx, after);
  return {
    at: new Date(Math.min(clockAt, after.knownAt)),
    leap: after.leap && {
      knownAt: new Date(after.knownAt),
      clockAt: new Date(clockAt),
      believedAt: new Date(after.leap.from + BELIEVED_AFTER_MS),
    },
  };
}

/** What people read about it. */
export function leapText({ knownAt, clockAt, believedAt }: ClockLeap): string {
  const days = Math.round((clockAt.getTime() - knownAt.getTime()) / DAY_MS);
  const way = days > 0 ? `${days} days ahead of` : `${-days} days behind`;
  return (
    `CLOCK_LEAPT: the clocks of hub and database show ${clockAt.toISOString()}, ${way} what was last seen; ` +
    `until ${believedAt.toISOString()} nothing is deleted by them`
  );
}

async function earliestClock(tx: Tx, hubNow: Date): Promise<number> {
  const { rows } = await sql<{ at: Date }>`select least(now(), ${hubNow}::timestamptz) as at`.execute(tx);
  return (rows[0]?.at ?? hubNow).getTime();
}

async function findKnown(tx: Tx): Promise<KnownTime | undefined> {
  const { rows } = await sql<{ known_at: Date; leap_from: Date | null; leap_seen_at: Date | null }>`
    select known_at, leap_from, leap_seen_at from dipper.retention_clock for update`.execute(tx);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { known_at, leap_from: from, leap_seen_at: seenAt } = row;
  const leap = from === null || seenAt === null ? undefined : { from: from.getTime(), seenAt: seenAt.getTime() };
  return { knownAt: known_at.getTime(), leap };
}

/** A database of an earlier version, or restored from a backup of one, knows nothing better than its newest event. */
async function firstKnown(tx: Tx, clockAt: number): Promise<number> {
  const { rows } = await sql<{ at: Date }>`
    select occurred_at as at from dipper.event order by occurred_at desc limit 1`.execute(tx);
  const knownAt = Math.min(rows[0]?.at.getTime() ?? clockAt, clockAt);
  await noteKnown(tx, { knownAt, leap: undefined });
  return knownAt;
}

function isWorthNoting(before: KnownTime, after: KnownTime): boolean {
  return after.knownAt - before.knownAt >= NOTED_EVERY_MS || after.leap?.seenAt !== before.leap?.seenAt;
}

async function noteKnown(tx: Tx, { knownAt, leap }: KnownTime): Promise<void> {
  const [from, seenAt] = leap === undefined ? [null, null] : [new Date(leap.from), new Date(leap.seenAt)];
  await sql`
    insert into dipper.retention_clock (known_at, leap_from, leap_seen_at) values (${new Date(knownAt)}, ${from}, ${seenAt})
    on conflict (single) do update set
      known_at = excluded.known_at, leap_from = excluded.leap_from, leap_seen_at = excluded.leap_seen_at`.execute(tx);
}
