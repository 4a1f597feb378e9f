import type { Forgiveness } from '@dipper/contract/api/forgiveness';
import type { CommandAction } from '@dipper/contract/commands';
import { isDipperError } from '@dipper/contract/errors';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { CommandSender } from '../../commands/command-sender.ts';
import { translateUnavailable } from '../../database/errors.ts';
import { found } from '../../database/lookup.ts';
import { failureOf } from '../device-command/edge-refusal.ts';
import type { AccessDb } from '../policy/access-db.ts';

type Whom = Extract<CommandAction, { name: 'access.forgive' }>['whom'];

/**
 * The reset of anti-passback by hand: edges forget where people are, who may then pass as if nobody had ever seen them. Each
 * edge keeps a memory of its own, so each is told; one that is away goes on as before, and the answer says so. Whatever was
 * said is the answer: an edge that could not be told is no error.
 */
export interface ForgivenessService {
  /** @throws DipperError NOT_FOUND */
  ofHolder(id: string, reason: string, signal: AbortSignal): Promise<Forgiveness>;
  /** Everybody who is in an area. @throws DipperError NOT_FOUND */
  ofArea(id: string, reason: string, signal: AbortSignal): Promise<Forgiveness>;
}

export interface ForgivenessServiceOptions {
  readonly db: AccessDb;
  readonly sendCommand: CommandSender;
  readonly log: Pick<Logger, 'warn'>;
}

export function createForgivenessService({ db, sendCommand, log }: ForgivenessServiceOptions): ForgivenessService {
  /** Edges of an estate with a way into or out of an area: the only ones that remember where anybody is. */
  async function edgesOf(estate: string, area: string | undefined): Promise<string[]> {
    const rows = await db
      .selectFrom('dipper.access_point as point')
      .innerJoin('dipper.device as device', 'device.id', 'point.device')
      .innerJoin('dipper.agent as agent', 'agent.id', 'device.agent')
      .select('agent.id')
      .distinct()
      .where('agent.estate', '=', estate)
      .where('point.active', '=', true)
      .where(sql<boolean>`coalesce(point.from_area, point.to_area) is not null`)
      .$if(area !== undefined, (select) =>
        select.where(sql<boolean>`${area ?? ''} in (point.from_area, point.to_area)`),
      )
      .orderBy('agent.id')
      .execute();
    return rows.map(({ id }) => id);
  }

  async function tell(
    { estate, agent }: { readonly estate: string; readonly agent: string },
    { whom, reason, signal }: { readonly whom: Whom; readonly reason: string; readonly signal: AbortSignal },
  ): Promise<Forgiveness['edges'][number]> {
    try {
      const result = await sendCommand({ estate, agent }, { name: 'access.forgive', whom, reason }, signal);
      return { agent, forgotten: result.forgotten ?? 0, problem: null };
    } catch (error) {
      if (!isDipperError(error)) throw error;
      log.warn({ err: error, agent }, 'an edge could not be told to forget where people are');
      return { agent, forgotten: null, problem: failureOf(error).code };
    }
  }

  const tellAll = async (
    estate: string,
    area: string | undefined,
    asked: { readonly whom: Whom; readonly reason: string; readonly signal: AbortSignal },
  ): Promise<Forgiveness> => {
    const agents = await edgesOf(estate, area);
    return { edges: await Promise.all(agents.map((agent) => tell({ estate, agent }, asked))) };
  };

  return {
    ofHolder: (id, reason, signal) =>
      translateUnavailable(async () => {
        const select = db.selectFrom('dipper.access_holder').select('estate').where('id', '=', id);
        const { estate } = found(await select.executeTakeFirst());
        return tellAll(estate, undefined, { whom: { holder: id }, reason, signal });
      }),
    ofArea: (id, reason, signal) =>
      translateUnavailable(async () => {
        const select = db.selectFrom('dipper.access_area').select('estate').where('id', '=', id);
        const { estate } = found(await select.executeTakeFirst());
        return tellAll(estate, id, { whom: { area: id }, reason, signal });
      }),
  };
}
