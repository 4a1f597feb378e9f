import type { AgentView } from '@dipper/contract/api/inventory';
import { DipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { pageFrom, rowLimitOf, slugCursorOf } from '../../database/page-cursor.ts';
import type { Db } from '../../database/pool.ts';
import { withinScope } from '../../scope/scope.ts';
import type { AgentService } from '../../services.ts';

export interface AgentServiceOptions {
  readonly db: Db;
  /** After so long without a word nobody knows how an agent is. */
  readonly silenceMs: number;
  readonly now: () => number;
}

function selectAgents(db: Db) {
  return db
    .selectFrom('dipper.agent as agent')
    .leftJoin('dipper.agent_status as status', 'status.agent', 'agent.id')
    .select(['agent.id', 'agent.estate', 'status.state', 'status.message', 'status.seen_at', 'status.hub_keys'])
    .select(
      sql<Readonly<Partial<Record<'current' | 'next', string>>>>`(
      select coalesce(json_object_agg(state, kid), '{}') from dipper.hub_key where state <> 'retired')`.as('keys'),
    )
    .select(({ selectFrom }) => [
      selectFrom('dipper.dead_letter')
        .select(({ fn }) => fn.sum<string | null>('times').as('times'))
        .whereRef('dipper.dead_letter.agent', '=', 'agent.id')
        .as('dead_letters'),
      selectFrom('dipper.dead_letter')
        .select('reason')
        .whereRef('dipper.dead_letter.agent', '=', 'agent.id')
        .orderBy('last_at', 'desc')
        .limit(1)
        .as('last_dead_letter'),
    ]);
}

type AgentRow = Awaited<ReturnType<ReturnType<typeof selectAgents>['execute']>>[number];

async function listAgents(db: Db, query: Parameters<AgentService['list']>[0]): Promise<AgentRow[]> {
  let select = selectAgents(db).orderBy('agent.id').limit(rowLimitOf(query));
  if (query.within !== undefined) select = select.where(withinScope(query.within, { estate: 'agent.estate' }));
  if (query.estate !== undefined) select = select.where('agent.estate', '=', query.estate);
  const after = slugCursorOf(query);
  if (after !== undefined) select = select.where('agent.id', '>', after);
  return select.execute();
}

function findAgents(db: Db, ids: readonly string[]): Promise<AgentRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return selectAgents(db).where('agent.id', 'in', ids).execute();
}

/** What people see of agents, sorted by id, and what a command to one needs. */
export function createAgentService({ db, silenceMs, now }: AgentServiceOptions): AgentService {
  const agentFromRow = (row: AgentRow): AgentView => {
    const online = row.message?.state === 'online' ? row.message : undefined;
    return {
      id: row.id,
      estate: row.estate,
      state: stateOf(row, now() - silenceMs),
      version: row.message?.version ?? null,
      bootId: row.message?.bootId ?? null,
      clockOffsetMs: online?.clockOffsetMs ?? null,
      waiting: online?.outbox.waiting ?? null,
      quarantined: online?.outbox.quarantined ?? null,
      seenAt: row.seen_at?.toISOString() ?? null,
      deadLetters: Number(row.dead_letters ?? 0),
      lastDeadLetter: row.last_dead_letter,
      hubKeys: row.hub_keys,
      hubKeyState: keyStateOf(row),
    };
  };
  return {
    list: (query) =>
      translateUnavailable(async () => pageFrom(query, await listAgents(db, query), agentFromRow, (row) => row.id)),
    findMany: (ids) => translateUnavailable(async () => (await findAgents(db, ids)).map(agentFromRow)),
    get: (id) => translateUnavailable(async () => agentFromRow(found((await findAgents(db, [id]))[0]))),
    challenge: ({ estate, agent }) =>
      translateUnavailable(async () => {
        const row = (await findAgents(db, [agent]))[0];
        const message = row?.estate === estate ? row.message : null;
        const challenge = message?.state === 'online' ? message.challenges[0] : undefined;
        if (challenge === undefined) throw new DipperError('AGENT_OFFLINE');
        return challenge;
      }),
  };
}

function keyStateOf({ hub_keys: believed, keys: { current, next } }: AgentRow): AgentView['hubKeyState'] {
  if (believed === null || current === undefined) return 'unknown';
  if (!believed.includes(current)) return 'lost';
  const wanted = new Set(next === undefined ? [current] : [current, next]);
  return wanted.symmetricDifference(new Set(believed)).size === 0 ? 'good' : 'behind';
}

function stateOf(row: AgentRow, heardSinceMs: number): AgentView['state'] {
  if (row.state === null || row.seen_at === null) return 'unknown';
  if (row.state === 'online' && row.seen_at.getTime() < heardSinceMs) return 'unknown';
  return row.state;
}
