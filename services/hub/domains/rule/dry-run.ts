import type { DryRunAlarm, DryRunResult } from '@dipper/contract/api/rule';
import { DipperError } from '@dipper/contract/errors';
import { isEventType } from '@dipper/contract/events';
import { sql } from 'kysely';
import type { Db } from '../../database/pool.ts';
import type { EventRow } from '../../database/schema.ts';
import { subjectOf } from '../../evaluator/event-subject.ts';
import { type Episode, episodesOf, type Fact } from '../../rules/episodes.ts';
import { factKinds, type ReadyRule, type RuleBook, typesOf } from '../../rules/rule-book.ts';
import { termsOf } from '../../rules/rule-terms.ts';
import type { Subject } from '../../rules/subject.ts';
import type { PlaceDirectory } from '../place/place-directory.ts';

const MAX_RANGE_MS = 31 * 24 * 3_600_000;
/** In memory at once, some 200 bytes each. */
const MAX_FACTS = 200_000;
const MAX_TIME_MS = 20_000;
/** Read at once: on the embedded database everybody else waits as long. */
const EVENTS_PER_READ = 1_000;
const MAX_SHOWN = 100;

export interface DryRunOptions {
  readonly db: Db;
  readonly places: PlaceDirectory;
  readonly now: () => number;
}

export interface DryRunTime {
  readonly from: Date;
  readonly until: Date;
}

interface ToldFact extends Fact {
  readonly subject: Subject;
}

/**
 * What a rule would have done with the events of a time, in an empty hub and without anybody seeing to its alarms: by
 * the conditions and the reading of facts that judge what comes in. Reads only, in short statements.
 *
 * @param book holds the rule alone
 * @throws DipperError DRY_RUN_NOT_POSSIBLE, DRY_RUN_TOO_LARGE, or what the signal was aborted with
 */
export async function dryRun(
  { db, places, now }: DryRunOptions,
  book: RuleBook,
  { from, until }: DryRunTime,
  signal: AbortSignal,
): Promise<DryRunResult> {
  const startedAt = performance.now();
  const [ready] = book.all();
  if (ready === undefined || ready.rule.on.some((type) => !isEventType(type)))
    throw new DipperError('DRY_RUN_NOT_POSSIBLE');
  if (!(from < until)) throw new DipperError('REQUEST_INVALID', { message: "'from' must be before 'until'" });
  if (until.getTime() - from.getTime() > MAX_RANGE_MS) throw new DipperError('DRY_RUN_TOO_LARGE');

  const byKey = new Map<string, ToldFact[]>();
  let events = 0;
  let facts = 0;
  let lastId: string | undefined;
  for await (const row of eventsOf(db, [...new Set(typesOf(ready.rule))], { from, until })) {
    signal.throwIfAborted();
    // The same event under two epochs, of an edge that was restored: told once.
    if (row.id === lastId) continue;
    lastId = row.id;
    events += 1;
    // Also where no event is of any use: reading them takes the time.
    if (performance.now() - startedAt > MAX_TIME_MS) throw new DipperError('DRY_RUN_TOO_LARGE');
    const subject = subjectOf(row, places);
    if (subject === undefined) continue;
    const at = subject.occurredAt.getTime();
    const told = factKinds(ready, subject).map((kind): ToldFact => ({ kind, at, subject }));
    if (told.length === 0) continue;
    facts += told.length;
    if (facts > MAX_FACTS) throw new DipperError('DRY_RUN_TOO_LARGE');
    const key = ready.keyOf(subject);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, told);
    else known.push(...told);
  }
  signal.throwIfAborted();
  const clock = Math.min(now(), until.getTime());
  const alarms = [...byKey].flatMap(([key, told]) => {
    const triggers = told.filter(({ kind }) => kind === 'trigger');
    const place = triggers[0]?.subject.place ?? null;
    const { episodes } = episodesOf(termsOf(ready.rule, places, place), told, clock);
    return episodes.map((episode) => alarmOf(book, ready, { key, triggers, episode }));
  });
  alarms.sort((a, b) => a.raisedAt.localeCompare(b.raisedAt) || a.key.localeCompare(b.key));
  const days = Map.groupBy(alarms, ({ raisedAt }) => raisedAt.slice(0, 10));
  return {
    alarms: alarms.length,
    first: alarms.slice(0, MAX_SHOWN),
    perDay: [...days].map(([day, ofDay]) => ({ day, alarms: ofDay.length })),
    events,
    tookMs: Math.round(performance.now() - startedAt),
  };
}

interface Found {
  readonly key: string;
  readonly triggers: readonly ToldFact[];
  readonly episode: Episode;
}

function alarmOf(book: RuleBook, { rule }: ReadyRule, { key, triggers, episode }: Found): DryRunAlarm {
  const about = triggers.findLast(({ at }) => at <= episode.from) ?? triggers[0];
  return {
    key,
    title: about === undefined ? rule.title : book.textFor(rule.title, about.subject),
    raisedAt: new Date(episode.from).toISOString(),
    clearedAt: episode.until === undefined ? null : new Date(episode.until).toISOString(),
    occurrences: episode.occurrences,
  };
}

/** Stored events of some types in the order in which they happened, read piece by piece. */
async function* eventsOf(db: Db, types: readonly string[], { from, until }: DryRunTime): AsyncGenerator<EventRow> {
  let after = { at: from, id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const rows = await db
      .selectFrom('dipper.event')
      .selectAll()
      .where('occurred_at', '>=', after.at)
      .where('occurred_at', '<', until)
      .where(sql<boolean>`(occurred_at, id) > (${after.at}, ${after.id}::uuid)`)
      .where('type', '=', sql<string>`any(${types}::text[])`)
      .orderBy('occurred_at')
      .orderBy('id')
      .limit(EVENTS_PER_READ)
      .execute();
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < EVENTS_PER_READ) return;
    after = { at: last.occurred_at, id: last.id };
  }
}
