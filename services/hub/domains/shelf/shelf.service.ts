import { randomUUID } from 'node:crypto';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { EarlyEnd } from '@dipper/contract/api/reason';
import type { NewShelf, Shelf } from '@dipper/contract/api/shelf';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { lockAlarm } from '../alarm/alarm.repository.ts';
import { silenceAlarms } from '../alarm/alarm-silencing.ts';
import type { Decide } from '../alarm/decision.ts';
import type { Response } from '../alarm/response.ts';
import { endSilence } from '../alarm/silence-ending.ts';
import { findShelves, listShelves, shelfFromRow } from './shelf.repository.ts';

export interface ShelfFilter extends LocationFilter {
  readonly ended?: boolean;
  readonly rule?: string;
}

/** Alarms that people set aside for a while, with an end and a reason. */
export interface ShelfService {
  list(query: PageQuery & ShelfFilter): Promise<Page<Shelf>>;
  findMany(ids: readonly string[]): Promise<Shelf[]>;
  get(id: string): Promise<Shelf>;
  /** @throws DipperError NOT_FOUND, ALARM_SAFETY_CRITICAL, ALARM_ALREADY_SHELVED, SHELF_TOO_LONG */
  shelve(shelf: NewShelf, actor: Actor): Promise<Shelf>;
  /** @throws DipperError NOT_FOUND, ALREADY_ENDED */
  end(id: string, end: EarlyEnd, actor: Actor): Promise<Shelf>;
}

export interface ShelfServiceOptions {
  readonly db: Db;
  readonly rules: RuleBook;
  readonly decide: Decide;
}

export function createShelfService({ db, rules, decide }: ShelfServiceOptions): ShelfService {
  const get = async (id: string): Promise<Shelf> =>
    shelfFromRow(found((await findShelves(db, [id].filter(isUuid)))[0]));
  return {
    list: (query) =>
      translateUnavailable(async () =>
        pageFrom(query, await listShelves(db, query), shelfFromRow, (row) => ({ at: row.shelved_at, id: row.id })),
      ),
    findMany: (ids) => translateUnavailable(async () => (await findShelves(db, ids.filter(isUuid))).map(shelfFromRow)),
    get: (id) => translateUnavailable(() => get(id)),
    async shelve(shelf, actor) {
      if (shelf.forMin > rules.thresholds.longestShelfHours * 60) throw new DipperError('SHELF_TOO_LONG');
      return get(await decide((response) => shelveIn(response, shelf, actor)));
    },
    async end(id, { note = null }, actor) {
      if (!isUuid(id)) throw new DipperError('NOT_FOUND');
      await decide(async (response) => {
        const shelf = found((await findShelves(response.tx, [id]))[0]);
        if (shelf.ended_at !== null) throw new DipperError('ALREADY_ENDED');
        await endSilence(response, 'shelf', { id, by: actor.name, note });
      });
      return get(id);
    },
  };
}

async function shelveIn(
  response: Response,
  { alarm: alarmId, forMin, reason }: NewShelf,
  actor: Actor,
): Promise<string> {
  const { tx, changes, now, rules } = response;
  const alarm = found(await lockAlarm(tx, alarmId));
  // The rule may have become critical to safety after the alarm was raised.
  if (alarm.safety_critical || rules.find(alarm.rule)?.rule.safetyCritical === true) {
    throw new DipperError('ALARM_SAFETY_CRITICAL');
  }
  const id = randomUUID();
  const inserted = await tx
    .insertInto('dipper.alarm_shelf')
    .values({
      id,
      rule: alarm.rule,
      key: alarm.key,
      alarm: alarm.id,
      estate: alarm.estate,
      place: alarm.place,
      reason,
      shelved_at: now,
      shelved_by: actor.name,
      until_at: new Date(now.getTime() + forMin * 60_000),
      ended_at: null,
      ended_by: null,
      end_note: null,
    })
    .onConflict((conflict) => conflict.columns(['rule', 'key']).where('ended_at', 'is', null).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) throw new DipperError('ALARM_ALREADY_SHELVED');
  changes.created('shelf', id);
  const decision = { id, by: actor.name, note: reason };
  await silenceAlarms(response, 'shelf', decision, ({ and, eb }) =>
    and([eb('rule', '=', alarm.rule), eb('key', '=', alarm.key)]),
  );
  return id;
}
