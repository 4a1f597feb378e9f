import {
  DEFAULT_PASS_USES,
  INVITE_LIMITS,
  type Invite,
  type InvitedPass,
  type InvitePage,
} from '@dipper/contract/api/pass';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found, isUuid } from '../../database/lookup.ts';
import type { Sealer } from '../../sealer.ts';
import { createSecretCode, hashSecretCode, readSecretCode } from '../../secret-code.ts';
import type { Actor } from '../../services.ts';
import { invalidField } from '../case/invalid-field.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';
import { createChangeAccess } from '../policy/access-change.ts';
import type { AccessDb, AccessTx } from '../policy/access-db.ts';
import { listPasses, passStateAt, type ShownPassRow } from './pass.repository.ts';
import { endPass } from './pass-ending.ts';
import { type PassIssuing, passCodeContext } from './pass-issuing.ts';
import { describeAccessPoints, nameOfEstate } from './visitor-pass.service.ts';

const HOUR_MS = 3_600_000;
const MAX_AHEAD_MS = 31 * 24 * HOUR_MS;
/** Stands for the resident where an account's name would. */
const HOST = 'host';

/** Residents give out passes by a link of their own, without an account. */
export interface InviteService {
  /** Makes a resident's link; one that they had is dead from then on. @throws DipperError HOLDER_ENDED */
  create(holder: string, by: Pick<Actor, 'name'>): Promise<Invite>;
  /** The link is dead; passes that were made by it stay. */
  end(holder: string): Promise<void>;
  /** @throws DipperError REQUEST_INVALID for what is no code, NOT_FOUND for a link that is dead or of a resident who is blocked */
  page(code: string): Promise<InvitePage>;
  /** @throws DipperError NOT_FOUND, REQUEST_INVALID, TOO_MANY_PASSES, CREDENTIAL_INVALID, CREDENTIAL_IN_USE */
  issue(code: string, asked: InvitedPass): Promise<InvitePage>;
  /** @throws DipperError NOT_FOUND, PASS_ENDED */
  revoke(code: string, pass: string): Promise<InvitePage>;
}

export interface InviteServiceOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  readonly issuing: PassIssuing;
  readonly onChange: () => void;
  readonly now: () => number;
}

interface Host {
  readonly id: string;
  readonly estate: string;
  readonly name: string;
}

export function createInviteService(options: InviteServiceOptions): InviteService {
  const { db, sealer, issuing, now } = options;
  const changeAccess = createChangeAccess(options);
  const hostOf = async (source: AccessDb, typed: string): Promise<Host> => {
    const row = await source
      .selectFrom('dipper.access_invite as invite')
      .innerJoin('dipper.access_holder as holder', 'holder.id', 'invite.holder')
      .select(['holder.id', 'holder.estate', 'holder.name'])
      .where('invite.code_hash', '=', hashSecretCode(readSecretCode(typed)))
      .where('holder.ended_at', 'is', null)
      .where('holder.blocked_at', 'is', null)
      .forNoKeyUpdate('holder')
      .executeTakeFirst();
    return found(row);
  };

  const pageOf = async (source: AccessDb, host: Host): Promise<InvitePage> => {
    const at = new Date(now());
    const rows = await listGivenOut(source, host, at);
    return {
      estate: await nameOfEstate(source, host.estate),
      host: masked(host.name),
      accessPoints: await describeAccessPoints(source, await openTo(source, host, at)),
      limits: { ...INVITE_LIMITS },
      passes: rows.flatMap((row) =>
        row.sealed_code === null
          ? []
          : {
              ...{ id: row.id, name: row.name, plate: row.plate, uses: row.uses, used: row.used },
              ...{ from: row.valid_from.toISOString(), until: row.valid_until.toISOString() },
              state: passStateAt(row, at),
              code: sealer.open(row.sealed_code, passCodeContext(row.id)),
            },
      ),
    };
  };

  const asHost = (typed: string, work: (tx: AccessTx, host: Host) => Promise<void>): Promise<InvitePage> =>
    changeAccess(async (tx, follow) => {
      // Locked: two passes at once must not both be the last that is allowed.
      const host = await hostOf(tx, typed);
      await follow(host.estate);
      await work(tx, host);
      return pageOf(tx, host);
    });

  return {
    create: (holder, by) =>
      translateUnavailable(() =>
        db.transaction().execute(async (tx) => {
          const row = isUuid(holder)
            ? await tx
                .selectFrom('dipper.access_holder')
                .select(['kind', 'ended_at'])
                .where('id', '=', holder)
                .executeTakeFirst()
            : undefined;
          const { kind, ended_at } = found(row);
          if (kind !== 'resident') throw new DipperError('NOT_FOUND');
          if (ended_at !== null) throw new DipperError('HOLDER_ENDED');
          const code = createSecretCode();
          const told = { code_hash: hashSecretCode(code), created_at: new Date(now()), created_by: by.name };
          await tx
            .insertInto('dipper.access_invite')
            .values({ holder, ...told })
            .onConflict((conflict) => conflict.column('holder').doUpdateSet(told))
            .execute();
          await noteCarriedOut(tx);
          return { code };
        }),
      ),
    end: (holder) =>
      translateUnavailable(async () => {
        if (!isUuid(holder)) throw new DipperError('NOT_FOUND');
        await db.deleteFrom('dipper.access_invite').where('holder', '=', holder).execute();
      }),
    page: (code) =>
      translateUnavailable(() => db.transaction().execute(async (tx) => pageOf(tx, await hostOf(tx, code)))),
    issue: (code, { name, plate, from, hours, uses = DEFAULT_PASS_USES }) =>
      asHost(code, async (tx, host) => {
        const at = new Date(now());
        const begins = from === undefined ? at.getTime() : Date.parse(from);
        if (!(begins <= at.getTime() + MAX_AHEAD_MS)) throw invalidField('from', 'has to lie within the next 31 days');
        const accessPoints = await openTo(tx, host, at);
        if (accessPoints.length === 0) throw new DipperError('INVITE_WITHOUT_ENTRANCE');
        if ((await listGivenOut(tx, host, at)).length >= INVITE_LIMITS.passes) throw new DipperError('TOO_MANY_PASSES');
        const order = {
          ...{ estate: host.estate, name, accessPoints, uses, host: host.id, note: null, by: HOST },
          ...(plate !== undefined && { plate }),
          ...{ from: new Date(begins).toISOString(), until: new Date(begins + hours * HOUR_MS).toISOString() },
        };
        await issuing.issue(tx, order, at);
      }),
    revoke: (code, pass) =>
      asHost(code, async (tx, host) => {
        const row = isUuid(pass)
          ? await tx
              .selectFrom('dipper.access_pass')
              .select(['id', 'holder'])
              .where('id', '=', pass)
              .where('host', '=', host.id)
              .where('created_by', '=', HOST)
              .executeTakeFirst()
          : undefined;
        await endPass(tx, found(row), { by: HOST, reason: 'host' }, new Date(now()));
      }),
  };
}

/** What a resident has given out and has not ended; what the guard gave to visitors of theirs is not among it. */
function listGivenOut(source: AccessDb, { id }: Pick<Host, 'id'>, at: Date): Promise<ShownPassRow[]> {
  return listPasses(source, { host: id, createdBy: HOST, open: true }, at, undefined, INVITE_LIMITS.passes);
}

/** Where a resident may go themselves: nobody lets others in where they are not let in. */
async function openTo(tx: AccessDb, { id }: Pick<Host, 'id'>, at: Date): Promise<string[]> {
  const { rows } = await sql<{ point: string }>`
    select distinct point.id as point from dipper.access_permit permit
      join dipper.access_point point on point.id = any(permit.access_points)
     where permit.holder = ${id} and permit.ended_at is null and permit.valid_from <= ${at}
       and (permit.valid_until is null or permit.valid_until > ${at}) and point.active
     order by 1 limit 16`.execute(tx);
  return rows.map(({ point }) => point);
}

/** 王芳 becomes 王＊: the page is opened by whoever has the link. */
function masked(name: string): string {
  const [first = '', ...rest] = [...name];
  return `${first}${'＊'.repeat(Math.min(rest.length, 3))}`;
}
