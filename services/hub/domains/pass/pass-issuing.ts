import { randomUUID } from 'node:crypto';
import { MAX_PASS_DAYS } from '@dipper/contract/api/pass';
import { sql } from 'kysely';
import type { Sealer } from '../../sealer.ts';
import { createSecretCode, hashSecretCode } from '../../secret-code.ts';
import { invalidField } from '../case/invalid-field.ts';
import { createCredentialWriting } from '../holder/credential-writing.ts';
import { permitRowFrom } from '../holder/permit-reading.ts';
import type { AccessTx } from '../policy/access-db.ts';

const DAY_MS = 24 * 3_600_000;

/** A pass that somebody may give out. */
export interface PassOrder {
  readonly estate: string;
  readonly name: string;
  readonly plate?: string;
  readonly accessPoints: readonly string[];
  readonly from?: string;
  readonly until: string;
  readonly uses: number;
  readonly host: string | null;
  readonly note: string | null;
  /** An account, or `host`. */
  readonly by: string;
}

/**
 * Enters a visitor with all that lets them through, in the caller's transaction, in which policies of the estate follow already:
 * the versions that are read here are the last before this change.
 */
export interface PassIssuing {
  /**
   * @returns the id of the pass
   * @throws DipperError REQUEST_INVALID, CREDENTIAL_INVALID, CREDENTIAL_IN_USE
   */
  issue(tx: AccessTx, order: PassOrder, at: Date): Promise<string>;
}

/** What the code of a pass is sealed for. */
export function passCodeContext(pass: string): string {
  return `pass:${pass}`;
}

export function createPassIssuing(sealer: Sealer): PassIssuing {
  const credentials = createCredentialWriting(sealer);
  return {
    async issue(tx, order, at) {
      const { estate, by, host } = order;
      const [holder, pass] = [randomUUID(), randomUUID()];
      const fresh = { blocked_at: null, blocked_by: null, block_reason: null, ended_at: null };
      await tx
        .insertInto('dipper.access_holder')
        .values({
          ...{ id: holder, estate, kind: 'visitor', owner: null, name: order.name, unit: null, ...fresh },
          ...{ created_at: at, changed_at: at, changed_by: by },
        })
        .execute();
      const asked = {
        accessPoints: [...order.accessPoints],
        until: order.until,
        uses: order.uses,
        ...(order.from !== undefined && { from: order.from }),
      };
      const permit = await permitRowFrom(tx, asked, { holder, estate }, at, by);
      checkLength(permit.valid_from as Date, permit.valid_until as Date, at);
      await tx.insertInto('dipper.access_permit').values(permit).execute();
      await tx
        .insertInto('dipper.access_credential')
        .values({
          ...{ id: pass, holder, estate, factor: 'qr', plate: null, sealed: null, fingerprint: null, hint: null },
          ...{ duress: false, ...fresh, created_at: at, created_by: by },
        })
        .execute();
      if (order.plate !== undefined) {
        await credentials.insert(tx, { factor: 'plate', value: order.plate }, { holder, estate, by, at });
      }
      const code = createSecretCode();
      await tx
        .insertInto('dipper.access_pass')
        .values({
          ...{ id: pass, estate, holder, permit: permit.id, host, note: order.note },
          policy_versions: JSON.stringify(await nextVersions(tx, permit.access_points as string[])),
          ...{ code_hash: hashSecretCode(code), sealed_code: sealer.seal(code, passCodeContext(pass)) },
          ...{ revoked_at: null, revoked_by: null, revoke_reason: null, created_at: at, created_by: by },
        })
        .execute();
      return pass;
    },
  };
}

/** @throws DipperError REQUEST_INVALID for what is over already, or lasts too long */
function checkLength(from: Date, until: Date, at: Date): void {
  if (until <= at) throw invalidField('until', 'is over already');
  if (until.getTime() - from.getTime() > MAX_PASS_DAYS * DAY_MS) {
    throw invalidField('until', `has to come at most ${MAX_PASS_DAYS} days after the beginning`);
  }
}

/** The version of each edge's policy that will be the first to know of this transaction. */
async function nextVersions(tx: AccessTx, accessPoints: readonly string[]): Promise<Record<string, number>> {
  const { rows } = await sql<{ agent: string; version: number }>`
    select device.agent, coalesce(max(policy.version), 0) + 1 as version
      from dipper.access_point point
      join dipper.device device on device.id = point.device
      left join dipper.agent_policy policy on policy.agent = device.agent
     where point.id = any(${accessPoints}::text[])
     group by device.agent order by device.agent`.execute(tx);
  return Object.fromEntries(rows.map(({ agent, version }) => [agent, version]));
}
