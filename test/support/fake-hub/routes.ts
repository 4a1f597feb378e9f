import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccountChange, AccountView, NewAccount } from '@dipper/contract/api/account';
import type { CaseStepRequest, GridCase } from '@dipper/contract/api/case';
import type { NewDeviceCommand } from '@dipper/contract/api/device-command';
import type { FeedKind } from '@dipper/contract/api/feed';
import type { Role, Session } from '@dipper/contract/api/session';
import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import { type AccessDesk, answerAccess } from './access-desk.ts';
import type { DeviceDesk } from './device-commands.ts';
import type { Estate } from './estate.ts';
import { idOf } from './estate.ts';
import { changeDesk, type OperatorDesk, readDesk } from './operator-routes.ts';
import type { FakeRecordings } from './recordings.ts';

export const PASSWORD = 'correct horse';
export const CSRF_TOKEN = 'csrf-of-the-fake-hub';

/** Who can sign in, all with the same password. */
const ACCOUNTS: Record<string, { readonly displayName: string; readonly roles: Role[] }> = {
  'li-ming': { displayName: '李明', roles: ['guard'] },
  'wang-fang': { displayName: '王芳', roles: ['grid-worker'] },
  'zhao-lei': { displayName: '赵磊', roles: ['dispatcher'] },
  admin: { displayName: '管理员', roles: ['admin'] },
};

/** The accounts as the hub lists them, made anew for every fake hub. */
export function createAccounts(): AccountView[] {
  return Object.entries(ACCOUNTS).map(([name, account], index) => ({
    id: idOf('media', 60 + index),
    name,
    ...account,
    scope: null,
    createdAt: '2026-11-01T00:00:00.000Z',
    disabledAt: null,
  }));
}

export interface RouteContext {
  readonly estate: Estate;
  readonly desk: OperatorDesk;
  readonly recordings: FakeRecordings;
  readonly commands: DeviceDesk;
  readonly access: AccessDesk;
  readonly accounts: AccountView[];
  /** Looks at captured faces that were asked for. */
  readonly looks: { ref: string; reason: string }[];
  readonly picture: Buffer;
  /** Codes that the next requests of a kind are refused with. */
  readonly refusals: Map<'media' | 'step', ErrorCode>;
  tell<T extends { readonly id: string }>(kind: FeedKind, change: 'created' | 'updated', value: T): void;
}

type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

export class Refused extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

/** Who a request's cookie stands for. */
export function accountOf(request: IncomingMessage): string | undefined {
  const name = /fake_session=([a-z-]+)/.exec(request.headers.cookie ?? '')?.[1];
  return name !== undefined && Object.hasOwn(ACCOUNTS, name) ? name : undefined;
}

function sessionOf(name: string): Session {
  const account = ACCOUNTS[name];
  if (account === undefined) throw new Refused('CREDENTIALS_WRONG');
  return {
    id: idOf('media', 50),
    account: { id: idOf('media', 51), name, ...account },
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    csrfToken: CSRF_TOKEN,
  };
}

/** Answers what the page asks of `/api/v1`, the way the contract says. @throws Refused */
export function answer(request: IncomingMessage, url: URL, body: unknown, context: RouteContext): Answer | Buffer {
  const path = url.pathname.replace('/api/v1', '');
  const method = request.method ?? 'GET';
  if (method === 'POST' && path === '/sessions') return signIn(body as { name: string; password: string });
  const name = accountOf(request);
  if (name === undefined) throw new Refused('NOT_SIGNED_IN');
  if (method !== 'GET' && request.headers['x-csrf-token'] !== CSRF_TOKEN) throw new Refused('CSRF_INVALID');
  if (path === '/sessions/current') {
    if (method === 'GET') return { status: 200, body: sessionOf(name) };
    return { status: 204, headers: { 'set-cookie': 'fake_session=; Path=/; Max-Age=0' } };
  }
  const passing = answerAccess({ method, path, query: url.searchParams, body }, context.access, (code): never => {
    throw new Refused(code);
  });
  if (passing !== undefined) return passing;
  const asked = atDevice(method, path, body, name, context);
  if (asked !== undefined) return asked;
  return method === 'GET' ? read(path, url.searchParams, name, context) : change(path, body, name, context);
}

/** What is asked of one device: commands, their history, presets, a still. */
function atDevice(
  method: string,
  path: string,
  body: unknown,
  name: string,
  { estate, commands, picture }: RouteContext,
): Answer | Buffer | undefined {
  const [, id, what] = /^\/devices\/([a-z0-9-]+)\/(commands|presets|snapshot)$/.exec(path) ?? [];
  const device = estate.devices.find((each) => each.id === id);
  if (device === undefined || what === undefined) return undefined;
  if (what === 'snapshot') return picture;
  if (what === 'presets') {
    const presets = commands.presets.get(device.id);
    if (presets === undefined) throw new Refused('PTZ_NOT_SUPPORTED');
    return { status: 200, body: { presets } };
  }
  if (method === 'GET') {
    const items = commands.commands.filter((command) => command.device === id);
    return { status: 200, body: { items, nextCursor: null } };
  }
  const refuse = (code: ErrorCode): never => {
    throw new Refused(code);
  };
  return { status: 201, body: commands.give(device, body as NewDeviceCommand, name, refuse) };
}

function signIn({ name, password }: { name: string; password: string }): Answer {
  if (password !== PASSWORD) throw new Refused('CREDENTIALS_WRONG');
  return {
    status: 201,
    body: { ...sessionOf(name), token: 'for-programs' },
    headers: { 'set-cookie': `fake_session=${name}; Path=/; HttpOnly; SameSite=Strict` },
  };
}

function read(path: string, query: URLSearchParams, name: string, context: RouteContext): Answer {
  const { estate, accounts } = context;
  const atDesk = readDesk(path, query, context);
  if (atDesk !== undefined) return { status: 200, body: atDesk };
  const [, noun = '', id, part] = path.split('/');
  if (part === 'timeline') {
    const timeline = context.recordings.readTimeline(id ?? '', query);
    if (typeof timeline === 'string') throw new Refused(timeline);
    return { status: 200, body: timeline };
  }
  if (noun === 'exports') return { status: 200, body: context.recordings.readExport(id ?? '') };
  const lists: Record<string, readonly { readonly id: string }[]> = {
    alarms: estate.alarms,
    incidents: estate.incidents,
    cases: estate.cases,
    devices: estate.devices,
    agents: estate.agents,
    places: estate.places,
    events: context.recordings.events,
    accounts,
    assignees: Object.entries(ACCOUNTS)
      .filter(([, { roles }]) => roles.includes('grid-worker') || roles.includes('admin'))
      .map(([each, account]) => ({ id: each, name: each, ...account })),
  };
  const list = lists[noun];
  if (list === undefined) throw new Refused('NOT_FOUND');
  if (id === undefined) return { status: 200, body: { items: filtered(list, query, name), nextCursor: null } };
  const found = list.find((each) => each.id === id);
  if (found === undefined) throw new Refused('NOT_FOUND');
  if (noun !== 'cases') return { status: 200, body: found };
  const alarms = estate.alarms.filter(
    ({ incident }) => incident !== null && incident === estate.cases.find((each) => each.id === id)?.incident,
  );
  return {
    status: 200,
    body: {
      case: found,
      steps: estate.steps.get(id) ?? [],
      alarms: alarms.map((each) => each.id),
      attachments: [],
      duplicates: [],
      merged: [],
      suggestedAssignee: null,
    },
  };
}

function filtered(list: readonly object[], query: URLSearchParams, name: string): readonly object[] {
  const wanted = [...query].filter(([key]) => !['limit', 'cursor', 'for', 'from', 'until'].includes(key));
  return list.filter((item) =>
    wanted.every(([key, value]) => {
      if (key === 'overdue') return String(isOverdue(item as GridCase)) === value;
      return String((item as Record<string, unknown>)[key]) === (value === 'me' ? name : value);
    }),
  );
}

function isOverdue({ deadlineAt, closedAt }: GridCase): boolean {
  return closedAt === null && Date.parse(deadlineAt) < Date.now();
}

function change(path: string, body: unknown, name: string, context: RouteContext): Answer | Buffer {
  const decided = changeDesk(
    path,
    body,
    { name, displayName: ACCOUNTS[name]?.displayName ?? name },
    context,
    (code) => {
      throw new Refused(code);
    },
  );
  if (decided !== undefined) return decided;
  const [, noun, id = '', verb] = path.split('/');
  const recorded = noun === 'devices' ? context.recordings.change(path, body, name) : undefined;
  if (recorded !== undefined) return recorded;
  const now = new Date().toISOString();
  if (noun === 'alarms' && verb === 'acknowledgements') {
    const index = context.estate.alarms.findIndex((each) => each.id === id);
    const alarm = context.estate.alarms[index];
    if (alarm === undefined) throw new Refused('NOT_FOUND');
    if (alarm.acknowledged) throw new Refused('ALARM_ALREADY_ACKNOWLEDGED');
    const acknowledged = {
      ...alarm,
      acknowledged: true,
      acknowledgedAt: now,
      acknowledgedBy: name,
      acknowledgedByName: ACCOUNTS[name]?.displayName ?? null,
    };
    context.estate.alarms[index] = acknowledged;
    context.tell('alarm', 'updated', acknowledged);
    return { status: 201, body: acknowledged };
  }
  if (noun === 'accounts') return changeAccount(id, body, context.accounts);
  if (noun === 'cases' && verb === 'steps') return takeStep(id, body as CaseStepRequest, name, context);
  if (noun === 'media' && verb === 'views') {
    context.looks.push({ ref: id, reason: (body as { reason: string }).reason });
    const refusal = context.refusals.get('media');
    if (refusal !== undefined) throw new Refused(refusal);
    return context.picture;
  }
  throw new Refused('NOT_FOUND');
}

function changeAccount(id: string, body: unknown, accounts: AccountView[]): Answer {
  const now = new Date().toISOString();
  if (id === '') {
    const { password: _, ...account } = body as NewAccount;
    const created = {
      scope: null,
      ...account,
      id: idOf('media', 60 + accounts.length),
      createdAt: now,
      disabledAt: null,
    };
    accounts.unshift(created);
    return { status: 201, body: created };
  }
  const index = accounts.findIndex((each) => each.id === id);
  const known = accounts[index];
  if (known === undefined) throw new Refused('NOT_FOUND');
  const { active, password: _, ...change } = body as AccountChange;
  const changed = {
    ...known,
    ...change,
    ...(active === undefined ? {} : { disabledAt: active ? null : now }),
  };
  accounts[index] = changed;
  return { status: 200, body: changed };
}

function takeStep(id: string, request: CaseStepRequest, name: string, context: RouteContext): Answer {
  const { estate } = context;
  const index = estate.cases.findIndex((each) => each.id === id);
  const known = estate.cases[index];
  if (known === undefined) throw new Refused('NOT_FOUND');
  const refusal = context.refusals.get('step');
  if (refusal !== undefined) throw new Refused(refusal);
  if (request.version !== known.version) throw new Refused('VERSION_CONFLICT');
  if (!known.actions.includes(request.action)) throw new Refused('STEP_NOT_ALLOWED');
  const to = request.action === 'handle' ? 'handled' : request.action === 'accept' ? 'accepted' : known.state;
  const gridCase = { ...known, state: to, version: known.version + 1 } as const;
  estate.cases[index] = gridCase;
  const steps = estate.steps.get(id) ?? [];
  const step = {
    id: idOf('step', 100 + steps.length),
    action: request.action,
    from: known.state,
    to,
    round: 1,
    by: name,
    byName: ACCOUNTS[name]?.displayName ?? null,
    note: request.note ?? null,
    at: new Date().toISOString(),
    takenAt: request.takenAt ?? new Date().toISOString(),
    clamped: false,
    assignee: request.assignee ?? null,
    assigneeName: null,
    request: null,
    until: request.until ?? null,
    deadlineAt: known.deadlineAt,
    other: null,
    attachment: null,
    rating: null,
  };
  estate.steps.set(id, [...steps, step]);
  context.tell('case', 'updated', gridCase);
  const rest = { alarms: [], attachments: [], duplicates: [], merged: [], suggestedAssignee: null };
  return { status: 201, body: { case: gridCase, steps: [...steps, step], ...rest } };
}

/** RFC 9457, as the hub sends it. */
export function refuse(response: ServerResponse, code: ErrorCode): void {
  const { status, en } = ERROR_CODES[code];
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title: en, status, code, requestId: 'fake-request' }));
}
