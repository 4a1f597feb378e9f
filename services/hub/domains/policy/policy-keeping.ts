import { hubKeyId } from '@dipper/contract/hub-key-id';
import { POLICY_TYPE, type PolicyClaims } from '@dipper/contract/policy';
import { PolicyBody } from '@dipper/contract/policy-body';
import { policyProblems } from '@dipper/contract/policy-check';
import { createValidator } from '@dipper/contract/validation';
import { CompactSign } from 'jose';
import { sql } from 'kysely';
import type { Sealer } from '../../sealer.ts';
import type { CalendarYears } from '../case/working-calendar.ts';
import { credentialValue } from '../holder/credential-value.ts';
import type { HubKeyring } from '../hub-key/hub-keyring.ts';
import type { AccessDb } from './access-db.ts';
import { compilePolicy, sha256Of } from './compile-policy.ts';
import type { CredentialKey, CredentialKeys } from './credential-keys.ts';
import type { PolicyRow } from './policy.tables.ts';
import { type FacesOf, readPolicySource } from './policy-source.ts';

const DAY_MS = 24 * 3_600_000;
/** An edge that is cut off goes by its policy for so long before it lets only residents in. */
const LIFE_MS = 7 * DAY_MS;
/** So that an edge has six days left at any time. */
const RENEW_AFTER_MS = DAY_MS;
/** Any number that nothing else takes, with the agent behind it: one copy of the hub compiles for an agent. */
const ADVISORY_LOCK = 7_700_018;
/** What edges can tell is a version below this: one that is not could never be followed by a higher one. */
const MAX_VERSION = 2_000_000_000;

const Body = createValidator(PolicyBody);

export interface PolicyKeepingOptions {
  readonly db: AccessDb;
  readonly sealer: Sealer;
  readonly keys: CredentialKeys;
  readonly keyring: Pick<HubKeyring, 'signer' | 'publicKeys'>;
  readonly calendar: Pick<CalendarYears, 'timeZone' | 'years'>;
  readonly facesOf: FacesOf;
  /** Where an agent fetches its body. */
  readonly bodyUrl: (agent: string) => string;
  readonly now: () => number;
}

/** What came of looking after the policy of one agent. */
export type Kept = 'compiled' | 'signed' | 'good' | 'elsewhere';

export interface PolicyKeeping {
  /** Agents whose policy has to be compiled, or signed anew. @param all whatever may have changed outside of the database */
  listDue(all: boolean): Promise<string[]>;
  /**
   * Compiles and signs what is due of an agent, in one transaction; `elsewhere` where another copy of the hub is at it.
   * @throws Error where what the database holds makes no policy: the one before stays
   */
  keep(agent: string, all: boolean): Promise<Kept>;
}

/** Keeps the policy of every agent that has a credential key at what the database says. */
export function createPolicyKeeping(options: PolicyKeepingOptions): PolicyKeeping {
  const { db, sealer, keys, keyring, calendar, facesOf, bodyUrl, now } = options;
  const signedBy = (): string => {
    const [current] = keyring.publicKeys();
    return current === undefined ? '' : hubKeyId(current);
  };
  const dueBefore = (): Date => new Date(now() - RENEW_AFTER_MS);

  const keepLocked = async (tx: AccessDb, key: CredentialKey, all: boolean): Promise<Kept> => {
    const { agent, estate } = key;
    const revision = await lockRevision(tx, estate);
    const row = await tx.selectFrom('dipper.agent_policy').selectAll().where('agent', '=', agent).executeTakeFirst();
    if (row !== undefined && !all && !isDue(row, { key, revision, signedBy: signedBy(), before: dueBefore() })) {
      return 'good';
    }
    const at = new Date(now());
    const source = await readPolicySource(tx, { estate, agent }, at, facesOf);
    if (row === undefined && source.points.length === 0) return 'good';
    const open = (credential: Parameters<typeof credentialValue>[1]): string => credentialValue(sealer, credential);
    const content = compilePolicy(source, { calendar, key: key.key, open });
    const contentSha256 = sha256Of(JSON.stringify(content));
    const told = Math.min(row?.acked_version ?? 0, MAX_VERSION);
    const isOther = row === undefined || row.content_sha256 !== contentSha256 || told > row.version;
    const version = isOther ? Math.max(row?.version ?? 0, told) + 1 : row.version;
    const body = isOther ? JSON.stringify(checked({ version, ...content })) : row.body;
    const known = { estate, revision, credential_key: key.id };
    if (!isOther && row.signed_by === signedBy() && row.issued_at > dueBefore() && row.body_url === bodyUrl(agent)) {
      await tx.updateTable('dipper.agent_policy').set(known).where('agent', '=', agent).execute();
      return 'good';
    }
    const signed = await sign({ estate, agent, version, sha256: sha256Of(body), bodyUrl: bodyUrl(agent) }, at);
    const next = {
      ...known,
      ...signed,
      ...{ version, content_sha256: contentSha256, body, sha256: sha256Of(body), published_at: null },
      changed_at: isOther ? at : row.changed_at,
      behind_since: isOther ? (row?.behind_since ?? at) : row.behind_since,
    };
    await tx
      .insertInto('dipper.agent_policy')
      .values({ agent, ...next, acked_version: null, acked_at: null, problem: null })
      .onConflict((conflict) => conflict.column('agent').doUpdateSet(next))
      .execute();
    return isOther ? 'compiled' : 'signed';
  };

  const sign = async (what: Omit<PolicyClaims, 'issuedAt' | 'expiresAt'>, at: Date) => {
    // Both in one go: the keyring may take up another key while we sign.
    const [key, kid] = [keyring.signer(), signedBy()];
    const expiresAt = new Date(at.getTime() + LIFE_MS);
    const claims: PolicyClaims = { ...what, issuedAt: at.toISOString(), expiresAt: expiresAt.toISOString() };
    const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ: POLICY_TYPE })
      .sign(key);
    return { jws, signed_by: kid, body_url: what.bodyUrl, issued_at: at, expires_at: expiresAt };
  };

  return {
    async listDue(all) {
      const { rows } = await sql<{ agent: string }>`
        select key.agent from dipper.credential_key key
          left join dipper.access_revision rev on rev.estate = key.estate
          left join dipper.agent_policy policy on policy.agent = key.agent
         where case when policy.agent is null
               then exists (select from dipper.access_point point join dipper.device device on device.id = point.device
                             where device.agent = key.agent and point.active)
               else ${all} or policy.estate <> key.estate or policy.revision <> coalesce(rev.revision, 0)
                    or policy.credential_key <> key.id or policy.signed_by <> ${signedBy()}
                    or policy.issued_at <= ${dueBefore()} or policy.acked_version > policy.version
                    and policy.version < ${MAX_VERSION}
               end
         order by key.agent`.execute(db);
      return rows.map(({ agent }) => agent);
    },
    keep: (agent, all) =>
      db.transaction().execute(async (tx) => {
        const { rows } = await sql<{ ours: boolean }>`
          select pg_try_advisory_xact_lock(${ADVISORY_LOCK}, hashtext(${agent})) as ours`.execute(tx);
        if (rows[0]?.ours !== true) return 'elsewhere';
        const key = await keys.find(tx, agent);
        return key === undefined ? 'good' : keepLocked(tx, key, all);
      }),
  };
}

/** Whoever changes something in the estate waits until we are done, and we for whoever is at it: no half of a change. */
async function lockRevision(tx: AccessDb, estate: string): Promise<string> {
  await tx
    .insertInto('dipper.access_revision')
    .values({ estate, revision: '0' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { revision } = await tx
    .selectFrom('dipper.access_revision')
    .select('revision')
    .where('estate', '=', estate)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return revision;
}

function isDue(
  row: PolicyRow,
  { key, revision, signedBy, before }: { key: CredentialKey; revision: string; signedBy: string; before: Date },
): boolean {
  return (
    row.estate !== key.estate ||
    row.revision !== revision ||
    row.credential_key !== key.id ||
    row.signed_by !== signedBy ||
    row.issued_at <= before ||
    // An edge that has a higher one than we ever made: we were restored from a backup.
    (row.acked_version ?? 0) > row.version
  );
}

/** @throws Error naming what is wrong with it */
function checked(body: PolicyBody): PolicyBody {
  const problems = [...Body.problems(body), ...policyProblems(body)];
  const [first] = problems;
  if (first !== undefined) throw new Error(`the policy would not be valid: ${first.path} ${first.message}`);
  return body;
}
