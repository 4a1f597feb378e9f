import { timingSafeEqual } from 'node:crypto';
import { POLICY_FETCH_SCHEME, policyFetchMac } from '@dipper/contract/credential-hmac';
import { DipperError } from '@dipper/contract/errors';
import { translateUnavailable } from '../../database/errors.ts';
import type { AccessDb } from './access-db.ts';
import type { CredentialKeys } from './credential-keys.ts';

/** Hands bodies of policies out to edges. */
export interface PolicyHandout {
  /**
   * The body as it was signed, byte for byte.
   * @param authorization `Dipper-Policy version:sha256:mac`
   * @throws DipperError POLICY_KEY_WRONG, POLICY_SUPERSEDED when there is a later one already
   */
  hand(agent: string, authorization: string | undefined): Promise<string>;
}

const GIVEN = new RegExp(`^${POLICY_FETCH_SCHEME} ([0-9]{1,10}):([0-9a-f]{64}):([0-9a-f]{64})$`);

export function createPolicyHandout(db: AccessDb, keys: CredentialKeys): PolicyHandout {
  return {
    hand: (agent, authorization) =>
      translateUnavailable(async () => {
        const [, version, sha256, mac] = GIVEN.exec(authorization ?? '') ?? [];
        if (version === undefined || sha256 === undefined || mac === undefined) {
          throw new DipperError('POLICY_KEY_WRONG');
        }
        const key = await keys.find(db, agent);
        // An agent that there is not takes as long as a wrong key, nearly; which there are is no secret of ours.
        if (key === undefined) throw new DipperError('POLICY_KEY_WRONG');
        const due = policyFetchMac(key.key, { estate: key.estate, agent, version: Number(version), sha256 });
        if (!timingSafeEqual(Buffer.from(due), Buffer.from(mac))) throw new DipperError('POLICY_KEY_WRONG');
        const row = await db
          .selectFrom('dipper.agent_policy')
          .select('body')
          .where('agent', '=', agent)
          .where('version', '=', Number(version))
          .where('sha256', '=', sha256)
          .executeTakeFirst();
        if (row === undefined) throw new DipperError('POLICY_SUPERSEDED');
        return row.body;
      }),
  };
}
