import { PRIORITIES } from '@dipper/contract/api/alarm';
import type { IncidentJoin, IncidentSplit } from '@dipper/contract/api/incident-regrouping';
import { DipperError } from '@dipper/contract/errors';
import { found } from '../../database/lookup.ts';
import type { AlarmRow, IncidentRow } from '../../database/schema.ts';
import { CASE_DISPATCHERS } from '../../plugins/roles.ts';
import type { Actor } from '../../services.ts';
import { insertAlarmTransition } from '../alarm/alarm.repository.ts';
import type { Response } from '../alarm/response.ts';
import { mergeCasesIn } from '../case/case-step.ts';
import { beginIncident } from './incident-grouping.ts';

/*
 * Both directions run alone (see `stopGrouping`), so what is read here stays as it is until the transaction ends, but
 * for cases: their rows are locked, after their incidents.
 */

/**
 * Brings the alarms of one incident into another of the same estate, and its case. Where both have one, the two are
 * merged, if that is for the actor. From then on what comes of its place and time belongs to the other as well.
 *
 * @throws DipperError NOT_FOUND, JOIN_NOT_ALLOWED, INCIDENT_JOINED, INCIDENT_CASE_ENDED, INCIDENTS_HAVE_CASES
 */
export async function joinIncidents(
  response: Response,
  into: string,
  { incident: from, reason }: IncidentJoin,
  actor: Actor,
): Promise<void> {
  const by = actor.name;
  const { tx, changes } = response;
  if (into === from) throw new DipperError('JOIN_NOT_ALLOWED');
  const target = found(await findIncident(response, into));
  const source = found(await findIncident(response, from));
  if (target.joined_into !== null || source.joined_into !== null) throw new DipperError('INCIDENT_JOINED');
  if (target.estate !== source.estate) throw new DipperError('JOIN_NOT_ALLOWED');
  const movesCase = await joinCases(response, { into, from, reason }, actor);
  const moved = await alarmsOf(response, from);
  await moveAlarms(response, moved, into, { by, reason });
  await tx
    .updateTable('dipper.incident')
    .set({ joined_into: into, open: false })
    .where(({ or, eb }) => or([eb('id', '=', from), eb('joined_into', '=', from)]))
    .execute();
  await summarize(response, into);
  await keepTransition(response, { what: 'joined', incident: into, other: from, movesCase, by, reason }, moved);
  changes.updated('incident', into);
  changes.updated('incident', from);
}

/**
 * Takes alarms out of an incident into a new one; some have to stay. The case stays as well, unless it is taken along.
 *
 * @returns the new incident's id
 * @throws DipperError NOT_FOUND, INCIDENT_JOINED, SPLIT_NOT_ALLOWED
 */
export async function splitIncident(
  response: Response,
  from: string,
  { alarms: chosen, reason, takesCase = false }: IncidentSplit,
  by: string,
): Promise<string> {
  const { changes } = response;
  const source = found(await findIncident(response, from));
  if (source.joined_into !== null) throw new DipperError('INCIDENT_JOINED');
  const all = await alarmsOf(response, from);
  const moved = all.filter(({ id }) => chosen.includes(id));
  const [first] = moved.toSorted(byUrgency);
  if (first === undefined || moved.length !== chosen.length || moved.length === all.length) {
    throw new DipperError('SPLIT_NOT_ALLOWED');
  }
  const into = await beginIncident(response, first);
  await moveAlarms(response, moved, into, { by, reason });
  const movesCase = takesCase && (await moveCase(response, from, into));
  await summarize(response, into);
  await summarize(response, from);
  await keepTransition(response, { what: 'split', incident: from, other: into, movesCase, by, reason }, moved);
  changes.updated('incident', from);
  return into;
}

function findIncident({ tx }: Response, id: string): Promise<IncidentRow | undefined> {
  return tx.selectFrom('dipper.incident').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

function alarmsOf({ tx }: Response, incident: string): Promise<AlarmRow[]> {
  return tx.selectFrom('dipper.alarm').selectAll().where('incident', '=', incident).orderBy('raised_at').execute();
}

function byUrgency(a: AlarmRow, b: AlarmRow): number {
  return (
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || a.raised_at.getTime() - b.raised_at.getTime()
  );
}

/**
 * Leaves one case for both: that of `from` goes along where the other has none, and is merged where both have one; it
 * then stays behind with what was joined away. Whether it went along.
 */
async function joinCases(
  { tx, changes, now, rules }: Response,
  { into, from, reason }: { readonly into: string; readonly from: string; readonly reason: string },
  actor: Actor,
): Promise<boolean> {
  const cases = await tx
    .selectFrom('dipper.grid_case')
    .select(['id', 'incident', 'closed_at', 'merged_into'])
    .where('incident', 'in', [into, from])
    .orderBy('id')
    .forUpdate()
    .execute();
  const kept = cases.find(({ incident }) => incident === into);
  const other = cases.find(({ incident }) => incident === from);
  if (other !== undefined && other.merged_into === kept?.id) return false;
  if (cases.some(({ closed_at }) => closed_at !== null)) throw new DipperError('INCIDENT_CASE_ENDED');
  if (other === undefined) return false;
  if (kept === undefined) return moveCase({ tx, changes }, from, into);
  if (!CASE_DISPATCHERS.some((role) => actor.roles.includes(role))) throw new DipperError('INCIDENTS_HAVE_CASES');
  const ground = { tx, changes, now, terms: rules.caseTerms };
  await mergeCasesIn(ground, { from: other.id, into: kept.id, note: reason }, actor);
  return false;
}

async function moveCase(
  { tx, changes }: Pick<Response, 'tx' | 'changes'>,
  from: string,
  into: string,
): Promise<boolean> {
  const moved = await tx
    .updateTable('dipper.grid_case')
    .set({ incident: into })
    .where('incident', '=', from)
    .returning('id')
    .executeTakeFirst();
  if (moved !== undefined) changes.updated('case', moved.id);
  return moved !== undefined;
}

async function moveAlarms(
  { tx, changes, now }: Response,
  moved: readonly AlarmRow[],
  into: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  for (const { id } of moved) {
    await tx.updateTable('dipper.alarm').set({ incident: into }).where('id', '=', id).execute();
    await insertAlarmTransition(tx, { alarm: id, what: 'moved', at: now, by, note: reason });
    changes.updated('alarm', id);
  }
}

/** What an incident says of its alarms: open while one is active, as urgent as the most urgent, from first to last. */
async function summarize(response: Response, incident: string): Promise<void> {
  const alarms = await alarmsOf(response, incident);
  const [lead] = alarms.toSorted(byUrgency);
  if (lead === undefined) return;
  const times = (timeOf: (alarm: AlarmRow) => Date): number[] => alarms.map((alarm) => timeOf(alarm).getTime());
  await response.tx
    .updateTable('dipper.incident')
    .set({
      open: alarms.some(({ active }) => active),
      priority: lead.priority,
      started_at: new Date(Math.min(...times(({ raised_at }) => raised_at))),
      last_at: new Date(Math.max(...times(({ last_occurred_at }) => last_occurred_at))),
    })
    .where('id', '=', incident)
    .execute();
}

async function keepTransition(
  { tx, now }: Response,
  transition: {
    readonly what: 'joined' | 'split';
    readonly incident: string;
    readonly other: string;
    readonly movesCase: boolean;
    readonly by: string;
    readonly reason: string;
  },
  alarms: readonly AlarmRow[],
): Promise<void> {
  const { movesCase, ...kept } = transition;
  await tx
    .insertInto('dipper.incident_transition')
    .values({ ...kept, moves_case: movesCase, alarms: alarms.map(({ id }) => id), at: now })
    .execute();
}
