import { createHash } from 'node:crypto';
import type {
  Enrolment,
  EnrolmentCode,
  EnrolmentRequest,
  EnrolmentView,
  NewEnrolmentCode,
} from '@dipper/contract/api/enrolment';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { DipperError } from '@dipper/contract/errors';
import type { HubKey } from '@dipper/contract/hub-key';
import type { Kysely, Selectable } from 'kysely';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import type { Database } from '../../database/schema.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import { refuseUnknownEstate } from '../place/known-estate.ts';
import type { CredentialKeys } from '../policy/credential-keys.ts';
import { generateRecoveryCode } from '../totp/one-time-code.ts';
import type { EnrolmentTables } from './enrolment.tables.ts';
import type { EnrolmentThrottle } from './enrolment-throttle.ts';

/** Long enough to drive to the estate. */
const CODE_LIFE_MS = 24 * 3_600_000;

export type EnrolmentDb = Kysely<Database & EnrolmentTables>;
type Row = Selectable<EnrolmentTables['dipper.enrolment']>;

/** Brings agents in: one-time codes, and the logins at the broker that come of them. */
export interface EnrolmentService {
  /** The code before it, if nobody used it, counts no longer; the agent's login does until the new one is used. */
  makeCode(asked: NewEnrolmentCode, by: string): Promise<EnrolmentCode>;
  /**
   * Uses a code up. Asked again with the same code and hash it answers the same: the answer may have been lost.
   * @throws DipperError ENROLMENT_CODE_WRONG, ENROLMENT_CODE_USED, ENROLMENT_CODE_EXPIRED, TOO_MANY_ATTEMPTS
   */
  enrol(asked: EnrolmentRequest, address: string): Promise<Enrolment>;
  /** Sorted by agent. */
  list(query: PageQuery): Promise<Page<EnrolmentView>>;
  /** Takes login and code away. @throws DipperError NOT_FOUND */
  revoke(agent: string): Promise<void>;
}

export interface EnrolmentServiceOptions {
  readonly db: EnrolmentDb;
  readonly throttle: EnrolmentThrottle;
  readonly credentialKeys: Pick<CredentialKeys, 'issue' | 'find' | 'remove'>;
  /** How agents reach the broker; undefined where the hub does not keep the broker's passwords. */
  readonly broker: Pick<Enrolment['mqtt'], 'url' | 'protocolVersion' | 'ca'> | undefined;
  /** What the hub signs with now, and with next. */
  readonly hubKeys: () => readonly HubKey[];
  /** Called when logins have changed. */
  readonly onChange: () => void;
  readonly now?: () => number;
}

export function createEnrolmentService(options: EnrolmentServiceOptions): EnrolmentService {
  const { db, throttle, credentialKeys, broker, hubKeys, onChange, now = Date.now } = options;
  const brokerOrThrow = (): NonNullable<typeof broker> => {
    if (broker === undefined) throw new DipperError('ENROLMENT_NOT_SET_UP');
    return broker;
  };
  return {
    async makeCode(asked, by) {
      brokerOrThrow();
      const code = generateRecoveryCode();
      const expiresAt = new Date(now() + CODE_LIFE_MS);
      await db.transaction().execute(async (tx) => {
        await refuseUnfit(tx, asked);
        const fresh = { code_sha256: digestOf(code), code_made_by: by, code_expires_at: expiresAt, code_used_at: null };
        await tx
          .insertInto('dipper.enrolment')
          .values({ ...asked, ...fresh, password_hash: null, enrolled_at: null, revoked_at: null })
          .onConflict((conflict) => conflict.column('agent').doUpdateSet({ estate: asked.estate, ...fresh }))
          .execute();
        await noteCarriedOut(tx);
      });
      return { ...asked, code, expiresAt: expiresAt.toISOString() };
    },
    async enrol({ code, passwordHash, credentialKey: isKeyAsked }, address) {
      const { url, protocolVersion, ca } = brokerOrThrow();
      await throttle.begin(address);
      const at = new Date(now());
      const { estate, agent, key } = await db.transaction().execute(async (tx) => {
        const { row, isFirst } = await useCode(tx, code, passwordHash, at);
        // Whoever comes in again gets another: that of a stolen edge opens nothing any more.
        const known = isFirst ? undefined : await credentialKeys.find(tx, row.agent);
        return { ...row, key: known?.key ?? (await credentialKeys.issue(tx, row, at)) };
      });
      await throttle.succeeded(address);
      onChange();
      const mqtt = { url, protocolVersion, ca, username: `${estate}/${agent}` };
      const credentialKey = isKeyAsked === true ? { credentialKey: key.toString('base64') } : {};
      return { estate, agent, mqtt, hubKeys: [...hubKeys()], ...credentialKey };
    },
    async list(query) {
      let select = db.selectFrom('dipper.enrolment').selectAll().orderBy('agent').limit(rowLimitOf(query));
      const after = slugCursorOf(query);
      if (after !== undefined) select = select.where('agent', '>', after);
      return pageFrom(
        query,
        await select.execute(),
        (row) => viewOf(row, now()),
        ({ agent }) => agent,
      );
    },
    async revoke(agent) {
      const { numUpdatedRows } = await db.transaction().execute(async (tx) => {
        const gone = await tx
          .updateTable('dipper.enrolment')
          .set({ code_sha256: null, code_made_by: null, code_expires_at: null, code_used_at: null })
          .set({ password_hash: null, revoked_at: new Date(now()) })
          .where('agent', '=', agent)
          .executeTakeFirstOrThrow();
        await credentialKeys.remove(tx, agent);
        await noteCarriedOut(tx);
        return gone;
      });
      if (numUpdatedRows === 0n) throw new DipperError('NOT_FOUND');
      onChange();
    },
  };
}

/** Ids of agents are unique across estates: a second one of the name would be taken for the first. */
async function refuseUnfit(tx: EnrolmentDb, { estate, agent }: NewEnrolmentCode): Promise<void> {
  await refuseUnknownEstate(tx, estate);
  const spoken = await tx.selectFrom('dipper.agent').select('estate').where('id', '=', agent).executeTakeFirst();
  const enrolled = await tx
    .selectFrom('dipper.enrolment')
    .select('estate')
    .where('agent', '=', agent)
    .where('password_hash', 'is not', null)
    .executeTakeFirst();
  const isElsewhere = [spoken, enrolled].some((same) => same !== undefined && same.estate !== estate);
  if (isElsewhere) throw new DipperError('AGENT_OF_ANOTHER_ESTATE');
}

async function useCode(
  tx: EnrolmentDb,
  code: string,
  passwordHash: string,
  at: Date,
): Promise<{ readonly row: Row; readonly isFirst: boolean }> {
  const row = await tx
    .selectFrom('dipper.enrolment')
    .selectAll()
    .where('code_sha256', '=', digestOf(code))
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new DipperError('ENROLMENT_CODE_WRONG');
  if (row.code_used_at !== null) {
    if (row.password_hash === passwordHash) return { row, isFirst: false };
    throw new DipperError('ENROLMENT_CODE_USED');
  }
  if (row.code_expires_at === null || row.code_expires_at <= at) throw new DipperError('ENROLMENT_CODE_EXPIRED');
  await tx
    .updateTable('dipper.enrolment')
    .set({ code_used_at: at, password_hash: passwordHash, enrolled_at: at, revoked_at: null })
    .where('agent', '=', row.agent)
    .execute();
  return { row, isFirst: true };
}

function viewOf(row: Row, nowMs: number): EnrolmentView {
  const isOpen = row.code_used_at === null && (row.code_expires_at?.getTime() ?? 0) > nowMs;
  return {
    id: row.agent,
    estate: row.estate,
    codeExpiresAt: isOpen ? (row.code_expires_at?.toISOString() ?? null) : null,
    codeMadeBy: isOpen ? row.code_made_by : null,
    enrolledAt: row.password_hash === null ? null : (row.enrolled_at?.toISOString() ?? null),
  };
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
