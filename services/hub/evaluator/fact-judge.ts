import { sql } from 'kysely';
import type { Tx } from '../database/pool.ts';
import type { AlarmRow } from '../database/schema.ts';
import { insertAlarmTransition } from '../domains/alarm/alarm.repository.ts';
import { clearAlarm } from '../domains/alarm/alarm-clearing.ts';
import { raiseAlarm } from '../domains/alarm/alarm-raising.ts';
import { respondWhenHeard } from '../domains/alarm/alarm-silencing.ts';
import type { Response } from '../domains/alarm/response.ts';
import { type Beginning, type Episode, type EpisodeTerms, episodesOf, reachMs } from '../rules/episodes.ts';
import type { Rule } from '../rules/rule.ts';
import { factKinds, type ReadyRule } from '../rules/rule-book.ts';
import { termsOf } from '../rules/rule-terms.ts';
import type { Subject } from '../rules/subject.ts';
import { lockAlarmsBetween, settledAfter } from './alarm-neighbourhood.ts';
import {
  countTriggers,
  listFacts,
  lockKey,
  putFact,
  type RuleKey,
  setTimer,
  signAfter,
  signBefore,
  subjectAt,
} from './rule-fact.repository.ts';

const TAKEN_BACK = 'taken back: what was told later says that it never was';
const WENT_ON = 'went on: what was told later says that it had not ended';

/** Notes what a subject tells a rule that keeps facts, and brings its alarms to what follows from all of them. */
export async function judgeByFacts(response: Response, ready: ReadyRule, subject: Subject): Promise<void> {
  const { tx } = response;
  const ruleKey = { rule: ready.rule.id, key: ready.keyOf(subject) };
  await lockKey(tx, ruleKey);
  let isNew = false;
  for (const kind of factKinds(ready, subject)) isNew = (await putFact(tx, ruleKey, kind, subject)) || isNew;
  if (isNew) await settleKey(response, ready, ruleKey, subject.occurredAt);
}

/** Does what the clock has to do to a key, whose timer the caller has taken. */
export async function judgeByClock(
  response: Response,
  ready: ReadyRule,
  { dueAt, ...ruleKey }: RuleKey & { readonly dueAt: Date },
): Promise<void> {
  await lockKey(response.tx, ruleKey);
  await settleKey(response, ready, ruleKey, dueAt);
}

/** @param at the instant around which something is new */
async function settleKey(response: Response, ready: ReadyRule, ruleKey: RuleKey, at: Date): Promise<void> {
  const { tx, now, places } = response;
  const subject = await subjectAt(tx, ruleKey, at);
  const terms = termsOf(ready.rule, places, subject?.place ?? null);
  const since = await beginningOf(response, ready, ruleKey, at, terms);
  const facts = await listFacts(tx, ruleKey, since.factsFrom, since.factsUntil);
  const { episodes, dueAt } = episodesOf(terms, facts, now.getTime(), since.beginning);
  const until = since.horizon?.getTime() ?? Number.POSITIVE_INFINITY;
  await reconcile(
    response,
    ready,
    { ruleKey, ...since },
    episodes.filter((episode) => episode.from <= until),
  );
  // Behind a horizon nothing has changed, nor has what waits for the clock there.
  if (since.horizon !== undefined) return;
  await setTimer(tx, ruleKey, dueAt === undefined || !Number.isFinite(dueAt) ? undefined : new Date(dueAt), now);
}

interface Since {
  readonly factsFrom: Date;
  /** Undefined: to the last one. */
  readonly factsUntil: Date | undefined;
  /** What comes after it stays as it is; undefined: nothing lies behind. */
  readonly horizon: Date | undefined;
  readonly beginning: Beginning;
  /** The alarms that may have to change, the earliest first. */
  readonly rows: readonly AlarmRow[];
}

async function beginningOf(
  { tx }: Response,
  { rule }: ReadyRule,
  ruleKey: RuleKey,
  at: Date,
  terms: EpisodeTerms,
): Promise<Since> {
  const handled = rule.clear.byHand === true ? await lastHandledAt({ tx }, ruleKey) : undefined;
  const reach = reachMs(terms);
  const isSilence = terms.absence !== undefined;
  const from = isSilence ? ((await signBefore(tx, ruleKey, at)) ?? at) : new Date(at.getTime() - reach);
  const start = handled !== undefined && handled > from ? handled : from;
  const horizon = isSilence ? await signAfter(tx, ruleKey, at) : await settledAfter(tx, ruleKey, at, reach);
  const rows = await lockAlarmsBetween(tx, ruleKey, start, horizon);
  const lasting = isSilence ? undefined : rows.find((row) => row.raised_at < start);
  return {
    factsFrom: handled === undefined ? new Date(start.getTime() - reach) : start,
    factsUntil: horizon === undefined ? undefined : new Date(horizon.getTime() + reach),
    beginning: { at: start.getTime(), lasting: lasting && { from: lasting.raised_at.getTime() } },
    horizon,
    rows,
  };
}

/** Until when somebody has seen to the alarms of a key that wait for a hand. */
async function lastHandledAt({ tx }: Pick<Response, 'tx'>, { rule, key }: RuleKey): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select max(cleared_at) as at from dipper.alarm where rule = ${rule} and key = ${key} and not active`.execute(tx);
  return rows[0]?.at ?? undefined;
}

async function reconcile(
  response: Response,
  ready: ReadyRule,
  { ruleKey, rows, beginning }: Since & { readonly ruleKey: RuleKey },
  episodes: readonly Episode[],
): Promise<void> {
  const left = [...rows];
  const matched = episodes.map((episode) => {
    const index = left.findIndex((row) => overlaps(row, episode));
    return { episode, row: index < 0 ? undefined : left.splice(index, 1)[0] };
  });
  for (const row of left) if (row.cleared_at?.getTime() !== row.raised_at.getTime()) await takeBack(response, row);
  // What has ended first: there is room for one active alarm.
  for (const { episode, row } of matched.sort((a, b) => Number(isOver(b.episode)) - Number(isOver(a.episode)))) {
    if (row === undefined) await raise(response, ready, ruleKey, episode);
    else {
      // Of an alarm that began before the facts that were read, its triggers have to be counted.
      const isLasting = row.raised_at.getTime() < beginning.at;
      const occurrences = isLasting
        ? await countOccurrences(response.tx, ready.rule, row, episode)
        : episode.occurrences;
      await bringTo(response, row, { ...episode, occurrences });
    }
  }
}

const isOver = (episode: Episode): boolean => episode.until !== undefined;

function overlaps(row: AlarmRow, { from, until }: Episode): boolean {
  const rowUntil = row.cleared_at?.getTime() ?? Number.POSITIVE_INFINITY;
  return row.raised_at.getTime() <= (until ?? Number.POSITIVE_INFINITY) && rowUntil >= from;
}

async function raise(response: Response, ready: ReadyRule, ruleKey: RuleKey, episode: Episode): Promise<void> {
  const { tx, now } = response;
  const active = episode.until === undefined ? await lockActive(tx, ruleKey) : undefined;
  if (active !== undefined) return extend(response, active, episode);
  const from = new Date(episode.from);
  const subject = await subjectAt(tx, ruleKey, from);
  if (subject === undefined) return;
  const isSilence = ready.rule.absence !== undefined;
  const raised = { ...subject, occurredAt: from, receivedAt: isSilence ? now : subject.receivedAt };
  const overAt = episode.until === undefined ? undefined : new Date(episode.until);
  const id = await raiseAlarm(response, ready, ruleKey.key, raised, overAt);
  await tx
    .updateTable('dipper.alarm')
    .set({ occurrences: episode.occurrences, last_occurred_at: new Date(episode.last) })
    .where('id', '=', id)
    .execute();
}

/** The alarm of a key that lasts, also where it lies behind the horizon. */
function lockActive(tx: Tx, { rule, key }: RuleKey): Promise<AlarmRow | undefined> {
  return tx
    .selectFrom('dipper.alarm')
    .selectAll()
    .where('rule', '=', rule)
    .where('key', '=', key)
    .where('active', '=', true)
    .forUpdate()
    .executeTakeFirst();
}

/**
 * One key has one alarm at a time. Two would last at once only where the hub's clock was set back: what ended after the
 * time it shows now lasts again.
 */
function extend(response: Response, row: AlarmRow, { from, last, occurrences }: Episode): Promise<void> {
  return bringTo(response, row, {
    from: Math.min(from, row.raised_at.getTime()),
    last: Math.max(last, row.last_occurred_at.getTime()),
    until: undefined,
    occurrences: row.occurrences + occurrences,
  });
}

async function countOccurrences(tx: Tx, rule: Rule, row: AlarmRow, episode: Episode): Promise<number> {
  const isPlain = rule.count === undefined && rule.with === undefined && rule.without === undefined;
  if (!isPlain) return Math.max(row.occurrences, episode.occurrences);
  const until = episode.until === undefined ? null : new Date(episode.until);
  return Math.max(1, await countTriggers(tx, row, row.raised_at, until));
}

async function bringTo(response: Response, row: AlarmRow, episode: Episode): Promise<void> {
  const { tx, changes, now } = response;
  const values = {
    raised_at: new Date(episode.from),
    last_occurred_at: new Date(episode.last),
    occurrences: episode.occurrences,
  };
  const until = episode.until === undefined ? null : new Date(episode.until);
  const isSame =
    row.raised_at.getTime() === values.raised_at.getTime() &&
    row.last_occurred_at.getTime() === values.last_occurred_at.getTime() &&
    row.occurrences === values.occurrences &&
    row.cleared_at?.getTime() === until?.getTime();
  if (isSame) return;
  await tx.updateTable('dipper.alarm').set(values).where('id', '=', row.id).execute();
  changes.updated('alarm', row.id);
  if (row.active) {
    if (until !== null) await clearAlarm(response, row, until);
    return;
  }
  if (until !== null) {
    await tx.updateTable('dipper.alarm').set({ cleared_at: until }).where('id', '=', row.id).execute();
    return;
  }
  if ((await lockActive(tx, row)) !== undefined) return;
  const again = await tx
    .updateTable('dipper.alarm')
    .set({ active: true, cleared_at: null })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await insertAlarmTransition(tx, { alarm: row.id, what: 'raised', at: now, note: WENT_ON });
  if (again.incident === null) return respondWhenHeard(response, again);
  await tx.updateTable('dipper.incident').set({ open: true }).where('id', '=', again.incident).execute();
  changes.updated('incident', again.incident);
}

async function takeBack(response: Response, row: AlarmRow): Promise<void> {
  const { tx, changes, now } = response;
  if (row.active) await clearAlarm(response, row, now, undefined, TAKEN_BACK);
  else await insertAlarmTransition(tx, { alarm: row.id, what: 'cleared', at: now, note: TAKEN_BACK });
  await tx.updateTable('dipper.alarm').set({ cleared_at: row.raised_at }).where('id', '=', row.id).execute();
  changes.updated('alarm', row.id);
}
