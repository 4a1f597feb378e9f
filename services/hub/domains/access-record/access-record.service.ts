import type { AccessRecordStep, AccessRecordView } from '@dipper/contract/api/access-record';
import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { EventData } from '@dipper/contract/events';
import { translateUnavailable } from '../../database/errors.ts';
import { pageFrom } from '../../database/page-cursor.ts';
import type { EventRow } from '../../database/schema.ts';
import type { AccessDb } from '../policy/access-db.ts';
import {
  type AccessRecordFilter,
  type DecisionRow,
  findHolders,
  findPointNames,
  listDecisions,
  listSteps,
} from './access-record.repository.ts';

/** Who asked to pass, what was decided and why, and what came of it: one record per request. */
export interface AccessRecordService {
  /** The latest decision first. */
  list(query: PageQuery & AccessRecordFilter): Promise<Page<AccessRecordView>>;
}

type Decided = EventData<'access.granted'>;
const dataOf = ({ data }: DecisionRow): Decided => data as Decided;

export function createAccessRecordService(db: AccessDb): AccessRecordService {
  return {
    list: (query) =>
      translateUnavailable(async () => {
        const decisions = await listDecisions(db, query);
        const steps = Map.groupBy(await listSteps(db, decisions), ({ correlation }) => correlation);
        const holderIds = decisions.flatMap((decision) => dataOf(decision).holder ?? []);
        const holders = new Map((await findHolders(db, holderIds)).map((holder) => [holder.id, holder]));
        const pointIds = decisions.map((decision) => dataOf(decision).accessPoint);
        const points = new Map((await findPointNames(db, pointIds)).map((point) => [point.id, point]));
        return pageFrom(
          query,
          decisions,
          (decision) => {
            const { holder, accessPoint } = dataOf(decision);
            const told = decision.correlation === null ? [] : (steps.get(decision.correlation) ?? []);
            return recordFrom(decision, told, {
              holder: holder === undefined ? undefined : holders.get(holder),
              point: points.get(accessPoint),
            });
          },
          (decision) => ({ at: decision.occurred_at, id: decision.id }),
        );
      }),
  };
}

interface Names {
  readonly holder: Awaited<ReturnType<typeof findHolders>>[number] | undefined;
  readonly point: Awaited<ReturnType<typeof findPointNames>>[number] | undefined;
}

function recordFrom(decision: DecisionRow, told: readonly EventRow[], { holder, point }: Names): AccessRecordView {
  const { accessPoint, reason, factors, policyVersion } = dataOf(decision);
  const steps = told.map(stepFrom);
  return {
    ...{ id: decision.id, correlation: decision.correlation, at: decision.occurred_at.toISOString() },
    ...{ estate: decision.estate, agent: decision.agent, place: decision.place, device: decision.device },
    accessPoint,
    accessPointName: point === undefined ? null : { zh: point.name_zh, en: point.name_en },
    outcome: decision.type === 'access.granted' ? 'granted' : 'denied',
    ...{ reason, factors, policyVersion: policyVersion ?? null },
    holder:
      holder === undefined
        ? null
        : {
            ...{ id: holder.id, kind: holder.kind, name: holder.name, unit: holder.unit },
            blocked: holder.blocked_at !== null,
          },
    passage: steps.some(({ what }) => what === 'taken')
      ? 'taken'
      : steps.some(({ what }) => what === 'not-taken')
        ? 'not-taken'
        : null,
    steps,
  };
}

const WHAT: Readonly<Record<string, AccessRecordStep['what']>> = {
  'access.requested': 'asked',
  'access.granted': 'granted',
  'access.denied': 'denied',
  'access.taken': 'taken',
  'access.not-taken': 'not-taken',
  'gate.state': 'gate',
  'gate.command-unconfirmed': 'unconfirmed',
  'gate.tailgated': 'tailgated',
};

function stepFrom({ type, data, occurred_at }: EventRow): AccessRecordStep {
  // Each was checked against the schema of its type when it came in.
  const said = data as Partial<EventData<'access.requested'> & EventData<'access.taken'> & EventData<'gate.state'>>;
  return {
    at: occurred_at.toISOString(),
    what: WHAT[type] ?? 'gate',
    reader: said.reader ?? null,
    position: said.position ?? null,
    by: said.by ?? null,
    cause: said.cause ?? null,
  };
}
