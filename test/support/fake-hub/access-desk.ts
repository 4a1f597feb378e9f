import type { AccessAreaView, AccessPointView } from '@dipper/contract/api/access-point';
import type { AccessRecordView } from '@dipper/contract/api/access-record';
import type { AccessScheduleView } from '@dipper/contract/api/access-schedule';
import type { AgentPolicyView } from '@dipper/contract/api/agent-policy';
import type { HolderImportReport, HolderImportRequest } from '@dipper/contract/api/holder-import';
import type { ErrorCode } from '@dipper/contract/errors';
import { idOf } from './estate.ts';

/** Who may pass, and who did, made anew for every fake hub. */
export interface AccessDesk {
  points: AccessPointView[];
  areas: AccessAreaView[];
  schedules: AccessScheduleView[];
  records: AccessRecordView[];
  policies: AgentPolicyView[];
  /** What the next import answers. */
  importReport: HolderImportReport;
  /** Every change that was asked for. */
  readonly asked: { readonly method: string; readonly path: string; readonly body: unknown }[];
  /** Codes that the next change is refused with. */
  refusal: ErrorCode | undefined;
}

const BY = { version: 1, changedAt: '2026-11-20T02:00:00.000Z', changedBy: 'admin' };
const NIGHT = idOf('media', 70);

export function createAccessDesk(): AccessDesk {
  const night: AccessScheduleView = {
    ...{ id: NIGHT, estate: 'sunshine', name: '夜间', holidays: 'as-usual', specialDays: [], ...BY },
    weekly: Array.from({ length: 7 }, () => [
      [0, 360],
      [1380, 1440],
    ]),
  };
  const point = (id: string, zh: string, en: string, rest: Partial<AccessPointView>): AccessPointView => ({
    ...{ id, estate: 'sunshine', place: 'east-gate', device: 'east-gate-barrier', agent: 'sunshine-edge' },
    ...{ name: { zh, en }, fromArea: null, toArea: 'yard', active: true, ...BY },
    rules: {
      factorRules: [{ schedule: NIGHT, anyOf: [['card', 'pin']] }, { anyOf: [['card'], ['face'], ['qr']] }],
      antiPassback: { mode: 'hard', minutes: 30 },
    },
    ...rest,
  });
  return {
    points: [
      point('east-in', '东门进', 'East gate in', {}),
      point('east-out', '东门出', 'East gate out', {
        ...{ fromArea: 'yard', toArea: null },
        rules: { factorRules: [{ anyOf: [['button'], ['card']] }], whenExpired: 'nobody' },
      }),
    ],
    areas: [
      {
        ...{ id: 'yard', estate: 'sunshine', name: { zh: '院子', en: 'Yard' }, ...BY },
        ...{ occupancyLimit: null, resetAtMinute: 240 },
      },
    ],
    schedules: [night],
    records: [],
    policies: [],
    importReport: {
      ...{ outcome: 'dry-run', encoding: 'utf-8', rows: 2, problems: [] },
      counts: { residents: 1, unchanged: 1, cards: 2, vehicles: 1, permits: 2 },
      changes: [{ line: 2, name: '李强', unit: '1-1-202', isNew: true, cards: 2, plates: 1, permits: 2 }],
    },
    asked: [],
    refusal: undefined,
  };
}

const NOUNS = { 'access-points': 'points', 'access-areas': 'areas', 'access-schedules': 'schedules' } as const;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Answers what is about access; undefined for what others answer. */
export function answerAccess(
  { method, path, query, body }: Asked,
  desk: AccessDesk,
  refuse: (code: ErrorCode) => never,
): { readonly status: number; readonly body?: unknown } | undefined {
  const [, noun = '', id] = path.split('/');
  if (path === '/place-tree') return { status: 200, body: TREE };
  if (path === '/agent-policies') return { status: 200, body: { items: desk.policies, nextCursor: null } };
  if (path === '/holders' && method === 'GET') return { status: 200, body: { items: [], nextCursor: null } };
  if (path === '/access-records') {
    const wanted = query.get('outcome');
    const items = desk.records.filter(({ outcome }) => wanted === null || wanted === outcome);
    return { status: 200, body: { items, nextCursor: null } };
  }
  if (path === '/holder-imports') {
    const { dryRun = false } = body as HolderImportRequest;
    desk.asked.push({ method, path, body });
    const isImported = !dryRun && desk.importReport.outcome === 'dry-run';
    return { status: 200, body: { ...desk.importReport, ...(isImported && { outcome: 'imported' }) } };
  }
  if (!Object.hasOwn(NOUNS, noun)) return undefined;
  const list = desk[NOUNS[noun as keyof typeof NOUNS]] as { id: string; version: number; changedBy: string }[];
  if (method === 'GET') return { status: 200, body: { items: list, nextCursor: null } };
  desk.asked.push({ method, path: `${path}${query.size > 0 ? `?${query}` : ''}`, body });
  const refusal = desk.refusal;
  desk.refusal = undefined;
  if (refusal !== undefined) refuse(refusal);
  if (id === undefined) {
    const made = { active: true, fromArea: null, toArea: null, specialDays: [], agent: 'sunshine-edge', ...BY };
    const view = { id: idOf('media', 71 + list.length), estate: 'sunshine', ...made, ...(body as object) };
    list.push(view);
    return { status: 201, body: view };
  }
  const index = list.findIndex((each) => each.id === id);
  const known = list[index];
  if (known === undefined) return refuse('NOT_FOUND');
  const { version, ...change } = (body ?? { version: Number(query.get('version')) }) as { version: number };
  if (version !== known.version) return refuse('VERSION_CONFLICT');
  if (method === 'DELETE') {
    list.splice(index, 1);
    return { status: 204 };
  }
  const changed = { ...known, ...change, version: version + 1 };
  list[index] = changed;
  return { status: 200, body: changed };
}

const TREE = {
  ...{ subdistricts: [], communities: [], grids: [] },
  estates: [
    {
      ...{ id: 'sunshine', name: { zh: '阳光花园', en: 'Sunshine Gardens' }, community: 'east-lake' },
      ...{ places: 3, devices: 5, openCases: 4 },
    },
  ],
};
