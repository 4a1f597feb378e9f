import { randomUUID } from 'node:crypto';
import {
  type ConsentWithdrawal,
  FACE_NOTICE_VERSION,
  type FaceConsentView,
  type NewFaceConsent,
  type NewFaceEnrolment,
} from '@dipper/contract/api/face-consent';
import { DipperError } from '@dipper/contract/errors';
import { type Kysely, sql } from 'kysely';
import type { CommandSender } from '../../commands/command-sender.ts';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { Database } from '../../database/schema.ts';
import type { Actor } from '../../services.ts';
import { invalidField } from '../case/invalid-field.ts';
import type { HolderTables } from '../holder/holder.tables.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb } from '../policy/access-db.ts';
import type { ConsentRow, ConsentTables } from './consent.tables.ts';
import { readConsentFacts } from './consent-facts.ts';
import { createFacesOf } from './faces-of.ts';

export type ConsentDb = Kysely<Database & HolderTables & ConsentTables>;
type By = Pick<Actor, 'name'>;

/** Consent to be recognised by one's face: given, withdrawn, and what edges make of it. Ids of holders are within the caller's scope. */
export interface ConsentService {
  /** Newest first, with the enrolments and receipts of each. */
  list(holder: string): Promise<FaceConsentView[]>;
  /** @throws DipperError REQUEST_INVALID, GUARDIAN_MISSING */
  give(holder: string, asked: NewFaceConsent, by: By): Promise<FaceConsentView>;
  /**
   * Takes it back: the policies of all edges leave the holder out, and those with a template are told at once.
   * @throws DipperError NOT_FOUND, CONSENT_WITHDRAWN
   */
  withdraw(holder: string, consent: string, asked: ConsentWithdrawal, by: By): Promise<FaceConsentView>;
  /**
   * Has a camera watch for the holder. Answered once it watches.
   * @throws DipperError CONSENT_MISSING, CONSENT_WITHDRAWN, ASSESSMENT_MISSING, DEVICE_UNKNOWN, RECOGNITION_OFF,
   *   ENROLMENT_UNDER_WAY, AGENT_OFFLINE, COMMAND_TIMEOUT
   */
  enrol(
    holder: string,
    consent: string,
    asked: NewFaceEnrolment,
    by: By,
    signal: AbortSignal,
  ): Promise<FaceConsentView>;
}

export interface ConsentServiceOptions {
  readonly db: ConsentDb;
  readonly sendCommand: CommandSender;
  /** Policies have to be compiled anew. */
  readonly onChange: () => void;
  /** A consent was taken back: edges have to be told. */
  readonly onWithdrawal: () => void;
  readonly now: () => number;
}

const MAX_LIFE_MS = 2 * 366 * 24 * 3_600_000;

export function createConsentService(options: ConsentServiceOptions): ConsentService {
  const { db, sendCommand, onWithdrawal, now } = options;
  const changeAccess = createChangeAccess(options);
  const facesOf = createFacesOf(now);

  const find = async (source: ConsentDb, holder: string, consent: string): Promise<ConsentRow> => {
    const select = source.selectFrom('dipper.face_consent').selectAll().where('id', '=', consent);
    const row = found(isUuid(consent) ? await select.executeTakeFirst() : undefined);
    return found(row.holder === holder ? row : undefined);
  };

  const viewsOf = async (source: ConsentDb, rows: readonly ConsentRow[]): Promise<FaceConsentView[]> => {
    const factsOf = await readConsentFacts(
      source,
      rows.map(({ id }) => id),
      new Date(now()),
    );
    return rows.map((row) => ({
      ...{ id: row.id, holder: row.holder, estate: row.estate, purpose: row.purpose },
      ...{ noticeVersion: row.notice_version, accessPoints: row.access_points, how: row.how, minor: row.is_minor },
      ...{ guardian: row.guardian, guardianProof: row.guardian_proof, givenAt: row.given_at.toISOString() },
      ...{ recordedBy: row.recorded_by, validUntil: row.valid_until.toISOString() },
      ...{ withdrawnAt: row.withdrawn_at?.toISOString() ?? null, withdrawnBy: row.withdrawn_by },
      ...factsOf(row.id),
    }));
  };
  const viewOf = async (source: ConsentDb, row: ConsentRow): Promise<FaceConsentView> =>
    (await viewsOf(source, [row]))[0] as FaceConsentView;

  return {
    list: (holder) =>
      translateUnavailable(async () => {
        const select = db.selectFrom('dipper.face_consent').selectAll().where('holder', '=', holder);
        return viewsOf(db, await select.orderBy('ordinal', 'desc').execute());
      }),

    give: (holder, asked, by) =>
      changeAccess(async (tx, follow) => {
        const at = new Date(now());
        const { guardian, guardianProof } = asked;
        if (asked.noticeVersion !== FACE_NOTICE_VERSION) throw invalidField('noticeVersion', 'is not the present text');
        if (asked.minor && (guardian === undefined || guardianProof === undefined)) {
          throw new DipperError('GUARDIAN_MISSING');
        }
        const untilMs = Date.parse(asked.validUntil);
        if (untilMs <= at.getTime()) throw invalidField('validUntil', 'lies in the past');
        if (untilMs > at.getTime() + MAX_LIFE_MS) throw invalidField('validUntil', 'is more than two years away');
        // Locked: whoever ends the holder ends what they consented to.
        const select = tx.selectFrom('dipper.access_holder').selectAll().where('id', '=', holder).forNoKeyUpdate();
        const person = found(await select.executeTakeFirst());
        if (person.kind !== 'resident' || person.ended_at !== null) throw invalidField('holder', 'is no resident');
        await refuseForeignPoints(tx, person.estate, asked.accessPoints);
        const inserted = await tx
          .insertInto('dipper.face_consent')
          .values({
            ...{ id: randomUUID(), holder, estate: person.estate, purpose: asked.purpose },
            ...{ notice_version: asked.noticeVersion, access_points: [...asked.accessPoints], how: asked.how },
            ...{ is_minor: asked.minor, guardian: guardian ?? null, guardian_proof: guardianProof ?? null },
            ...{ given_at: at, recorded_by: by.name, valid_until: new Date(untilMs) },
          })
          // The index lets one consent of a holder be current.
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (inserted === undefined) throw invalidField('purpose', 'there is a current consent; withdraw it first');
        await follow(person.estate);
        return viewOf(tx, inserted);
      }),

    async withdraw(holder, consent, { reason }, by) {
      const view = await changeAccess(async (tx, follow) => {
        await find(tx, holder, consent);
        const withdrawn = await tx
          .updateTable('dipper.face_consent')
          .set({ withdrawn_at: new Date(now()), withdrawn_by: by.name, withdrawn_reason: reason ?? null })
          .where('id', '=', consent)
          .where('withdrawn_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (withdrawn === undefined) throw new DipperError('CONSENT_WITHDRAWN');
        await follow(withdrawn.estate);
        return viewOf(tx, withdrawn);
      });
      onWithdrawal();
      return view;
    },

    enrol: (holder, consent, { accessPoint, device }, by, signal) =>
      translateUnavailable(async () => {
        const row = await find(db, holder, consent);
        if (row.withdrawn_at !== null) throw new DipperError('CONSENT_WITHDRAWN');
        const isCurrent = row.valid_until.getTime() > now() && row.access_points.includes(accessPoint);
        if (!isCurrent) throw new DipperError('CONSENT_MISSING');
        const { assessment } = (await facesOf(db as unknown as AccessDb, [accessPoint])) ?? {};
        if (assessment === undefined) throw new DipperError('ASSESSMENT_MISSING');
        const camera = await db
          .selectFrom('dipper.device as device')
          .innerJoin('dipper.agent as agent', 'agent.id', 'device.agent')
          .select(['agent.id as agent', 'agent.estate'])
          .where('device.id', '=', device)
          .where('agent.estate', '=', row.estate)
          .executeTakeFirst();
        if (camera === undefined) throw new DipperError('DEVICE_UNKNOWN');
        const { agent, estate } = camera;
        const id = randomUUID();
        await db
          .insertInto('dipper.face_enrolment')
          .values({
            ...{ id, consent, device, agent, access_point: accessPoint },
            ...{ asked_at: new Date(now()), asked_by: by.name },
          })
          .execute();
        await sendCommand(
          { estate, agent },
          { name: 'face.enrol', enrolment: id, device, accessPoint, holder, consent },
          signal,
        );
        return viewOf(db, row);
      }),
  };
}

async function refuseForeignPoints(tx: ConsentDb, estate: string, accessPoints: readonly string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select point.id from dipper.access_point point join dipper.place place on place.id = point.place
     where place.estate = ${estate} and point.id = any(${[...accessPoints]}::text[])`.execute(tx);
  const missing = accessPoints.find((id) => !rows.some((row) => row.id === id));
  if (missing !== undefined) throw invalidField('accessPoints', `there is no access point '${missing}' in this estate`);
}
