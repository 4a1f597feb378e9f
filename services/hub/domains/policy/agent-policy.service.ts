import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import { translateUnavailable } from '../../database/errors.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import { withinScope } from '../../scope/scope.ts';
import type { LocationFilter } from '../../services.ts';
import type { AccessDb } from './access-db.ts';

/** Which access policy each edge should have, and which it has. */
export interface AgentPolicyService {
  /** By agent. */
  list(query: PageQuery & Omit<LocationFilter, 'place'>): Promise<Page<AgentPolicyView>>;
}

function selectPolicies(db: AccessDb) {
  return db
    .selectFrom('dipper.agent as agent')
    .leftJoin('dipper.credential_key as key', 'key.agent', 'agent.id')
    .leftJoin('dipper.agent_policy as policy', 'policy.agent', 'agent.id')
    .select(['agent.id', 'agent.estate', 'key.id as key', 'policy.version', 'policy.changed_at', 'policy.expires_at'])
    .select(['policy.acked_version', 'policy.acked_at', 'policy.behind_since', 'policy.problem']);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectPolicies>['execute']>>[number];

export function createAgentPolicyService(db: AccessDb): AgentPolicyService {
  return {
    list: (query) =>
      translateUnavailable(async () => {
        let select = selectPolicies(db).orderBy('agent.id').limit(rowLimitOf(query));
        if (query.within !== undefined) select = select.where(withinScope(query.within, { estate: 'agent.estate' }));
        if (query.estate !== undefined) select = select.where('agent.estate', '=', query.estate);
        const after = slugCursorOf(query);
        if (after !== undefined) select = select.where('agent.id', '>', after);
        return pageFrom(query, await select.execute(), viewFromRow, ({ id }) => id);
      }),
  };
}

function viewFromRow(row: Row): AgentPolicyView {
  return {
    id: row.id,
    estate: row.estate,
    version: row.version,
    changedAt: row.changed_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    hasKey: row.key !== null,
    ackedVersion: row.acked_version,
    ackedAt: row.acked_at?.toISOString() ?? null,
    behindSince: row.behind_since?.toISOString() ?? null,
    problem: row.problem,
  };
}
