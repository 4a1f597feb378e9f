import type { AccessRules } from '@dipper/contract/api/access-point';
import { DipperError } from '@dipper/contract/errors';
import { policyProblems } from '@dipper/contract/policy-check';
import { sql } from 'kysely';
import type { AccessDb } from '../policy/access-db.ts';

interface RulesInPlace {
  readonly estate: string;
  readonly fromArea?: string | null | undefined;
  readonly toArea?: string | null | undefined;
  readonly rules: AccessRules;
}

/** What stands for whatever is known to be right while one access point is looked at. */
const ANY = { version: 1, estate: 'any', agent: 'any', timeZone: 'UTC', holders: [], credentials: [], permits: [] };
const HOURS = { weekly: [[], [], [], [], [], [], []] };

/**
 * Refuses rules of which no policy can be made: schedules or areas of elsewhere, no way in without a face.
 * @throws DipperError REQUEST_INVALID naming each problem
 */
export async function refuseUnfitRules(tx: AccessDb, { estate, fromArea, toArea, rules }: RulesInPlace): Promise<void> {
  const scheduleIds = rules.factorRules.flatMap(({ schedule }) => schedule ?? []);
  const schedules = await tx
    .selectFrom('dipper.access_schedule')
    .select('id')
    .where('estate', '=', estate)
    .where('id', '=', sql<string>`any(${scheduleIds}::uuid[])`)
    .execute();
  const areas = await tx
    .selectFrom('dipper.access_area')
    .select('id')
    .where('estate', '=', estate)
    .where('id', '=', sql<string>`any(${[fromArea ?? '', toArea ?? '']}::text[])`)
    .execute();
  const point = {
    ...{ id: 'any', device: 'any', ...rules },
    ...(fromArea != null && { fromArea }),
    ...(toArea != null && { toArea }),
  };
  const problems = policyProblems({
    ...ANY,
    areas,
    accessPoints: [point],
    schedules: schedules.map(({ id }) => ({ id, ...HOURS })),
  }).map(({ path, message }) => ({
    path: path.replace('/accessPoints/0/', '/body/').replace('/body/factorRules', '/body/rules/factorRules'),
    message,
  }));
  const [first] = problems;
  if (first === undefined) return;
  throw new DipperError('REQUEST_INVALID', { message: `${first.path}: ${first.message}`, detail: problems });
}
