import type { Alarm, Incident } from '@dipper/contract/api/alarm';
import type { CaseStep, GridCase } from '@dipper/contract/api/case';
import type { AgentView, DeviceView, PlaceView } from '@dipper/contract/api/inventory';

/** An estate as a hub would tell of it: everything that a page has to be able to show. */
export interface Estate {
  readonly places: PlaceView[];
  readonly devices: DeviceView[];
  readonly agents: AgentView[];
  readonly alarms: Alarm[];
  readonly incidents: Incident[];
  readonly cases: GridCase[];
  readonly steps: Map<string, CaseStep[]>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Identifiers that say what they are of: kind in the first digit, number in the last. */
export function idOf(kind: 'alarm' | 'incident' | 'case' | 'step' | 'media', number: number): string {
  const first = { alarm: 'a', incident: 'b', case: 'c', step: 'd', media: 'e' }[kind];
  return `${first}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** @param nowMs everything is dated relative to it */
export function createEstate(nowMs: number): Estate {
  const at = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();
  const place = (id: string, kind: PlaceView['kind'], zh: string, en: string, open: boolean | null): PlaceView => ({
    id,
    kind,
    name: { zh, en },
    estate: 'sunshine',
    estateName: { zh: '阳光花园', en: 'Sunshine Gardens' },
    community: 'east-lake',
    communityName: { zh: '东湖社区', en: 'East Lake' },
    grid: 'east-lake-3',
    gridName: { zh: '东湖第三网格', en: 'East Lake grid 3' },
    open,
  });
  const camera = (
    id: string,
    where: string,
    zh: string,
    en: string,
    state: Partial<DeviceView['state']>,
  ): DeviceView => ({
    id,
    kind: 'camera',
    name: { zh, en },
    estate: 'sunshine',
    agent: 'sunshine-edge',
    place: where,
    state: {
      kind: 'camera',
      device: id,
      connection: 'online',
      since: at(26 * HOUR_MS),
      picture: 'ok',
      model: 'Dipper Street 4K',
      ...state,
    } as DeviceView['state'],
    reportedAt: at(20_000),
  });
  const agent = (id: string, estate: string, state: AgentView['state'], agoMs: number): AgentView => ({
    id,
    estate,
    state,
    version: '0.1.0',
    bootId: idOf('media', 99),
    clockOffsetMs: state === 'online' ? 0 : null,
    waiting: state === 'online' ? 0 : null,
    quarantined: 0,
    seenAt: at(agoMs),
    deadLetters: 0,
    lastDeadLetter: null,
    hubKeys: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
    hubKeyState: 'good',
  });

  const alarm = (number: number, rest: Partial<Alarm> & Pick<Alarm, 'rule' | 'priority' | 'title'>): Alarm => ({
    id: idOf('alarm', number),
    active: true,
    acknowledged: false,
    late: false,
    occurrences: 1,
    suppressed: 0,
    suppressedBy: null,
    safetyCritical: false,
    shelf: null,
    shelvedUntil: null,
    outOfService: null,
    chattering: false,
    stale: false,
    estate: 'sunshine',
    agent: 'sunshine-edge',
    device: 'east-gate-camera',
    place: 'east-gate',
    incident: null,
    raisedAt: at(number * 4 * MINUTE_MS),
    lastOccurredAt: at(number * 4 * MINUTE_MS),
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgedByName: null,
    media: null,
    ...rest,
  });
  const gridCase = (number: number, rest: Partial<GridCase> & Pick<GridCase, 'title' | 'state'>): GridCase => ({
    id: idOf('case', number),
    number: `20261124-${String(number).padStart(4, '0')}`,
    category: 'closed-entrance',
    platform: 'public-security',
    priority: 'high',
    source: 'alarm',
    version: 3,
    estate: 'sunshine',
    place: 'east-gate',
    grid: 'east-lake-3',
    incident: null,
    assignee: 'wang-fang',
    assigneeName: rest.assignee === null ? null : '王芳',
    firstHandler: 'wang-fang',
    firstHandlerName: '王芳',
    leader: null,
    leaderName: null,
    text: null,
    round: 1,
    openedAt: at(2 * HOUR_MS),
    deadlineAt: at(-4 * HOUR_MS),
    overdue: false,
    suspendedAt: null,
    closedAt: null,
    request: null,
    supervisedAt: null,
    mergedInto: null,
    satisfaction: null,
    actions: [],
    ...rest,
  });
  const step = (
    number: number,
    action: CaseStep['action'],
    rest: Pick<CaseStep, 'from' | 'to' | 'by'>,
    agoMs: number,
    note: string | null,
  ): CaseStep => ({
    id: idOf('step', number),
    action,
    note,
    round: 1,
    byName: null,
    at: at(agoMs),
    takenAt: at(agoMs),
    clamped: false,
    assignee: null,
    assigneeName: null,
    request: null,
    until: null,
    deadlineAt: at(-4 * HOUR_MS),
    other: null,
    attachment: null,
    rating: null,
    ...rest,
  });

  return {
    places: [
      place('east-gate', 'entrance', '东门', 'East gate', false),
      place('west-gate', 'entrance', '西门', 'West gate', true),
      place('garage', 'parking', '地下车库', 'Underground garage', null),
    ],
    devices: [
      camera('east-gate-camera', 'east-gate', '东门人脸相机', 'East gate face camera', {}),
      camera('east-gate-overview', 'east-gate', '东门全景相机', 'East gate overview camera', {}),
      {
        ...camera('east-gate-barrier', 'east-gate', '东门道闸', 'East gate barrier', {}),
        kind: 'gate',
        state: {
          kind: 'gate',
          device: 'east-gate-barrier',
          connection: 'online',
          since: at(26 * HOUR_MS),
          position: 'open',
          relay: 'inactive',
          contact: 'open',
        },
      },
      camera('west-gate-camera', 'west-gate', '西门人脸相机', 'West gate face camera', {
        connection: 'unreachable',
        since: at(35 * MINUTE_MS),
        cause: 'ONVIF_UNREACHABLE',
      } as Partial<DeviceView['state']>),
      camera('garage-camera', 'garage', '车库入口相机', 'Garage entrance camera', {
        picture: 'frozen',
      } as Partial<DeviceView['state']>),
    ],
    agents: [
      agent('sunshine-edge', 'sunshine', 'online', 4_000),
      {
        ...agent('lakeside-edge', 'lakeside', 'offline', 3 * HOUR_MS),
        deadLetters: 2,
        lastDeadLetter: 'EVENT_INVALID',
      },
    ],
    alarms: [
      alarm(1, {
        rule: 'barrier-forced',
        priority: 'critical',
        safetyCritical: true,
        title: { zh: '道闸被强行打开', en: 'Barrier forced open' },
        device: 'east-gate-barrier',
        incident: idOf('incident', 1),
      }),
      alarm(2, {
        rule: 'closed-entrance-face',
        priority: 'high',
        title: { zh: '非开放时间有人出现在出入口', en: 'Somebody at a closed entrance' },
        incident: idOf('incident', 1),
        occurrences: 4,
        lastOccurredAt: at(70_000),
        media: { ref: idOf('media', 1), mime: 'image/jpeg', expiresAt: at(-70 * HOUR_MS) },
      }),
      alarm(3, {
        rule: 'camera-frozen',
        priority: 'high',
        title: { zh: '摄像机画面冻结', en: 'Camera picture frozen' },
        stale: true,
        device: 'garage-camera',
        place: 'garage',
        incident: idOf('incident', 2),
      }),
      alarm(5, {
        rule: 'camera-offline',
        priority: 'medium',
        title: { zh: '摄像机离线', en: 'Camera offline' },
        chattering: true,
        device: 'west-gate-camera',
        place: 'west-gate',
        raisedAt: at(35 * MINUTE_MS),
        lastOccurredAt: at(35 * MINUTE_MS),
      }),
      alarm(6, {
        rule: 'closed-entrance-face',
        priority: 'high',
        title: { zh: '非开放时间有人出现在出入口', en: 'Somebody at a closed entrance' },
        active: false,
        late: true,
        clearedAt: at(110 * MINUTE_MS),
        raisedAt: at(2 * HOUR_MS),
        lastOccurredAt: at(2 * HOUR_MS),
        media: { ref: idOf('media', 2), mime: 'image/jpeg', expiresAt: at(-HOUR_MS) },
      }),
      alarm(7, {
        rule: 'agent-offline',
        priority: 'high',
        title: { zh: '边缘节点离线', en: 'Edge agent offline' },
        estate: 'lakeside',
        agent: 'lakeside-edge',
        suppressed: 3,
        device: null,
        place: null,
        acknowledged: true,
        acknowledgedAt: at(2.5 * HOUR_MS),
        acknowledgedBy: 'li-ming',
        raisedAt: at(3 * HOUR_MS),
        lastOccurredAt: at(3 * HOUR_MS),
      }),
    ],
    incidents: [1, 2].map((number) => ({
      id: idOf('incident', number),
      title: { zh: '东门异常', en: 'Trouble at the east gate' },
      priority: 'critical',
      open: true,
      estate: 'sunshine',
      place: number === 1 ? 'east-gate' : 'garage',
      alarms: number === 1 ? 2 : 1,
      case: number === 1 ? idOf('case', 1) : null,
      joinedInto: null,
      startedAt: at(8 * MINUTE_MS),
      lastAt: at(MINUTE_MS),
    })),
    cases: [
      gridCase(1, {
        title: { zh: '核查东门非开放时间人员进入', en: 'Check who entered at the closed east gate' },
        state: 'accepted',
        incident: idOf('incident', 1),
        priority: 'critical',
        openedAt: at(7 * MINUTE_MS),
        deadlineAt: at(-53 * MINUTE_MS),
        actions: ['handle', 'return', 'comment'],
      }),
      gridCase(2, {
        title: { zh: '检修西门离线摄像机', en: 'Repair the offline camera at the west gate' },
        state: 'dispatched',
        place: 'west-gate',
        priority: 'medium',
        openedAt: at(30 * HOUR_MS),
        deadlineAt: at(95 * MINUTE_MS),
        actions: ['accept', 'return', 'comment'],
      }),
      gridCase(3, {
        title: { zh: '居民反映地下车库照明损坏', en: 'Residents report broken lights in the garage' },
        state: 'reported',
        place: 'garage',
        priority: 'low',
        source: 'resident',
        platform: 'convenience',
        assignee: null,
        deadlineAt: at(-50 * HOUR_MS),
        actions: ['establish', 'void', 'comment'],
      }),
      gridCase(4, {
        title: { zh: '东门外占道经营', en: 'Street vendors block the east gate' },
        state: 'established',
        source: 'patrol',
        platform: 'law-enforcement',
        priority: 'medium',
        assignee: null,
        deadlineAt: at(-20 * HOUR_MS),
        actions: ['dispatch', 'void', 'comment'],
      }),
      gridCase(5, {
        title: { zh: '东门道闸检修', en: 'Service of the east gate barrier' },
        state: 'closed',
        priority: 'low',
        openedAt: at(50 * HOUR_MS),
        deadlineAt: at(26 * HOUR_MS),
        closedAt: at(30 * HOUR_MS),
        actions: ['reopen'],
      }),
    ],
    steps: new Map([
      [
        idOf('case', 1),
        [
          step(1, 'report', { from: null, to: 'reported', by: 'rule:closed-entrance-face' }, 7 * MINUTE_MS, null),
          step(2, 'establish', { from: 'reported', to: 'established', by: 'zhao-lei' }, 6 * MINUTE_MS, null),
          step(
            3,
            'dispatch',
            { from: 'established', to: 'dispatched', by: 'zhao-lei' },
            5 * MINUTE_MS,
            '请到东门现场查看，确认道闸是否被破坏，并询问当事人进入原因。',
          ),
          step(4, 'accept', { from: 'dispatched', to: 'accepted', by: 'wang-fang' }, 3 * MINUTE_MS, null),
        ],
      ],
    ]),
  };
}
