import { randomUUID } from 'node:crypto';
import type { NewOutOfService, OutOfService } from '@dipper/contract/api/out-of-service';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { EarlyEnd } from '@dipper/contract/api/reason';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import type { Actor, LocationFilter } from '../../services.ts';
import { silenceAlarms } from '../alarm/alarm-silencing.ts';
import type { Decide } from '../alarm/decision.ts';
import type { Response } from '../alarm/response.ts';
import { endSilence } from '../alarm/silence-ending.ts';
import { entryFromRow, findEntries, listEntries } from './out-of-service.repository.ts';

export interface OutOfServiceFilter extends LocationFilter {
  readonly ended?: boolean;
  readonly device?: string;
  readonly rule?: string;
}

/** Devices under maintenance and rules switched off, with who and why, and how much they silence. */
export interface OutOfServiceService {
  list(query: PageQuery & OutOfServiceFilter): Promise<Page<OutOfService>>;
  findMany(ids: readonly string[]): Promise<OutOfService[]>;
  get(id: string): Promise<OutOfService>;
  /** @throws DipperError NOT_FOUND, REQUEST_INVALID, ALARM_SAFETY_CRITICAL, ALREADY_OUT_OF_SERVICE */
  take(entry: NewOutOfService, actor: Actor): Promise<OutOfService>;
  /** @throws DipperError NOT_FOUND, ALREADY_ENDED */
  end(id: string, end: EarlyEnd, actor: Actor): Promise<OutOfService>;
}

export function createOutOfServiceService({
  db,
  decide,
}: {
  readonly db: Db;
  readonly decide: Decide;
}): OutOfServiceService {
  const get = async (id: string): Promise<OutOfService> =>
    entryFromRow(found((await findEntries(db, [id].filter(isUuid)))[0]));
  return {
    list: (query) =>
      translateUnavailable(async () =>
        pageFrom(query, await listEntries(db, query), entryFromRow, (row) => ({ at: row.started_at, id: row.id })),
      ),
    findMany: (ids) => translateUnavailable(async () => (await findEntries(db, ids.filter(isUuid))).map(entryFromRow)),
    get: (id) => translateUnavailable(() => get(id)),
    async take(entry, actor) {
      if ((entry.device === undefined) === (entry.rule === undefined)) {
        throw new DipperError('REQUEST_INVALID', { message: 'Name either a device or a rule.' });
      }
      return get(await decide((response) => takeIn(response, entry, actor)));
    },
    async end(id, { note = null }, actor) {
      if (!isUuid(id)) throw new DipperError('NOT_FOUND');
      await decide(async (response) => {
        const entry = found((await findEntries(response.tx, [id]))[0]);
        if (entry.ended_at !== null) throw new DipperError('ALREADY_ENDED');
        await endSilence(response, 'out_of_service', { id, by: actor.name, note });
      });
      return get(id);
    },
  };
}

async function takeIn(response: Response, entry: NewOutOfService, actor: Actor): Promise<string> {
  const { tx, changes, now, rules } = response;
  const until = entry.until === undefined ? null : new Date(entry.until);
  if (until !== null && until <= now) {
    throw new DipperError('REQUEST_INVALID', { message: 'The end has to lie in the future.' });
  }
  const where = entry.device === undefined ? undefined : found(await findDevice(response, entry.device));
  if (entry.rule !== undefined && found(rules.find(entry.rule)).rule.safetyCritical === true) {
    throw new DipperError('ALARM_SAFETY_CRITICAL');
  }
  const id = randomUUID();
  const inserted = await tx
    .insertInto('dipper.out_of_service')
    .values({
      id,
      device: entry.device ?? null,
      rule: entry.rule ?? null,
      estate: where?.estate ?? null,
      place: where?.place ?? null,
      reason: entry.reason,
      started_at: now,
      started_by: actor.name,
      until_at: until,
      ended_at: null,
      ended_by: null,
      end_note: null,
    })
    .onConflict((conflict) =>
      conflict
        .column(entry.device === undefined ? 'rule' : 'device')
        .where('ended_at', 'is', null)
        .doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) throw new DipperError('ALREADY_OUT_OF_SERVICE');
  changes.created('out-of-service', id);
  const decision = { id, by: actor.name, note: entry.reason };
  await silenceAlarms(response, 'out_of_service', decision, ({ and, eb }) =>
    and([entry.device === undefined ? eb('rule', '=', entry.rule ?? '') : eb('device', '=', entry.device)]),
  );
  return id;
}

function findDevice({ tx }: Response, device: string): Promise<{ estate: string; place: string | null } | undefined> {
  return tx
    .selectFrom('dipper.device as device')
    .innerJoin('dipper.agent as agent', 'agent.id', 'device.agent')
    .select(['agent.estate', 'device.place'])
    .where('device.id', '=', device)
    .executeTakeFirst();
}
