/** Things of one place, by kind; what a test made. */
export type ScopedThings = Readonly<
  Record<
    | 'event'
    | 'alarm'
    | 'incident'
    | 'other'
    | 'case'
    | 'device'
    | 'agent'
    | 'place'
    | 'shelf'
    | 'entry'
    | 'media'
    | 'holder'
    | 'point'
    | 'area'
    | 'assessment'
    | 'schedule'
    | 'pass'
    | 'record',
    string
  >
>;

/**
 * What a route is to an account whose scope does not hold the thing: `forbidden`, a list without it, or NOT_FOUND for its
 * address. Written by hand, like who may use a route at all (expected-access.ts).
 */
export type ExpectedScope =
  | 'forbidden'
  /** Shows nothing that lies anywhere. */
  | 'free'
  | { readonly listOf: keyof ScopedThings }
  | { readonly thing: keyof ScopedThings; readonly query?: string; readonly body?: (things: ScopedThings) => unknown };

const because = { reason: 'of a test' };
const name = { zh: '名', en: 'name' };
const rules = { factorRules: [{ anyOf: [['card']] }] };
const weekly = [[], [], [], [], [], [], []];

export const EXPECTED_SCOPE: Readonly<Record<string, ExpectedScope>> = {
  'GET /api/v1/sessions': 'forbidden',
  'DELETE /api/v1/sessions/:id': 'forbidden',
  'GET /api/v1/accounts': 'forbidden',
  'POST /api/v1/accounts': 'forbidden',
  'PATCH /api/v1/accounts/:id': 'forbidden',
  'DELETE /api/v1/accounts/:id/totp': 'forbidden',
  'POST /api/v1/accounts/:id/password-codes': 'forbidden',
  'GET /api/v1/audit': 'forbidden',
  'GET /api/v1/rules': 'forbidden',
  'GET /api/v1/rules/:id': 'forbidden',
  'GET /api/v1/rules/:id/versions': 'forbidden',
  'POST /api/v1/rules': 'forbidden',
  'PATCH /api/v1/rules/:id': 'forbidden',
  'POST /api/v1/rules/dry-run': 'forbidden',
  'GET /api/v1/retention': 'forbidden',
  'GET /api/v1/deletions': 'forbidden',
  'GET /api/v1/hub-keys': 'forbidden',
  'POST /api/v1/hub-keys': 'forbidden',
  'POST /api/v1/hub-keys/:id/activation': 'forbidden',
  'GET /api/v1/enrolments': 'forbidden',
  'POST /api/v1/enrolment-codes': 'forbidden',
  'DELETE /api/v1/enrolments/:id': 'forbidden',
  'GET /api/v1/agents/:id/resends': 'forbidden',
  'POST /api/v1/agents/:id/resends': 'forbidden',
  'GET /api/v1/dead-letters': 'forbidden',
  'GET /api/v1/webhooks': 'forbidden',
  'POST /api/v1/webhooks': 'forbidden',
  'GET /api/v1/webhooks/:id': 'forbidden',
  'PATCH /api/v1/webhooks/:id': 'forbidden',
  'DELETE /api/v1/webhooks/:id': 'forbidden',
  'POST /api/v1/webhooks/:id/secrets': 'forbidden',
  'POST /api/v1/webhooks/:id/tests': 'forbidden',
  'GET /api/v1/webhooks/:id/deliveries': 'forbidden',

  'POST /api/v1/imports': 'forbidden',

  'GET /api/v1/case-categories': 'free',
  'GET /api/v1/assignees': 'free',
  // Their own tests: figures and counts have no ids, a feed and changes have no end.
  'GET /api/v1/alarm-standing': 'free',
  'GET /api/v1/alarm-figures': 'free',
  'GET /api/v1/events/counts': 'free',
  'GET /api/v1/handover-notes': 'free',
  'POST /api/v1/handover-notes': 'free',
  'GET /api/v1/feed': 'free',
  'GET /api/v1/changes': 'free',
  'GET /api/v1/devices/:id/live': 'free',
  // Theirs is hub-recordings.wide.test.ts: a WebSocket, and what has more in its address than one id.
  'GET /api/v1/devices/:id/playback': 'free',
  'GET /api/v1/devices/:id/timeline': 'free',
  'GET /api/v1/exports/:id': 'free',
  'GET /api/v1/exports/:id/video': 'free',
  'GET /api/v1/exports/:id/manifest': 'free',
  'POST /api/v1/devices/:id/evidence-locks/:lock/release': 'free',
  // Theirs is hub-api-cases.test.ts: a file, figures, and what takes and gives a picture.
  'GET /api/v1/cases/export': 'free',
  'GET /api/v1/cases/figures': 'free',
  'POST /api/v1/cases/:id/attachments': 'free',
  'GET /api/v1/cases/:id/attachments/:attachment': 'free',

  // Theirs is hub-import.test.ts: a tree and a roster have no ids, and what is at a point is no secret.
  'GET /api/v1/place-tree': 'free',
  'GET /api/v1/roster': 'free',
  'GET /api/v1/grid-at': 'free',

  'GET /api/v1/events': { listOf: 'event' },
  'GET /api/v1/events/:id': { thing: 'event' },
  'GET /api/v1/alarms': { listOf: 'alarm' },
  'GET /api/v1/alarms/:id': { thing: 'alarm' },
  'GET /api/v1/alarms/:id/history': { thing: 'alarm' },
  'POST /api/v1/alarms/:id/acknowledgements': { thing: 'alarm', body: () => ({}) },
  'GET /api/v1/alarm-shelves': { listOf: 'shelf' },
  'GET /api/v1/alarm-shelves/:id': { thing: 'shelf' },
  'POST /api/v1/alarm-shelves': { thing: 'alarm', body: ({ alarm }) => ({ alarm, forMin: 5, ...because }) },
  'POST /api/v1/alarm-shelves/:id/end': { thing: 'shelf', body: () => ({}) },
  'GET /api/v1/out-of-service': { listOf: 'entry' },
  'GET /api/v1/out-of-service/:id': { thing: 'entry' },
  'POST /api/v1/out-of-service': { thing: 'device', body: ({ device }) => ({ device, ...because }) },
  'POST /api/v1/out-of-service/:id/end': { thing: 'entry', body: () => ({}) },
  'GET /api/v1/incidents': { listOf: 'incident' },
  'GET /api/v1/incidents/:id': { thing: 'incident' },
  'GET /api/v1/incidents/:id/history': { thing: 'incident' },
  'POST /api/v1/incidents/:id/joins': { thing: 'incident', body: ({ other }) => ({ incident: other, ...because }) },
  'POST /api/v1/incidents/:id/splits': { thing: 'incident', body: ({ alarm }) => ({ alarms: [alarm], ...because }) },
  'GET /api/v1/cases': { listOf: 'case' },
  'GET /api/v1/cases/:id': { thing: 'case' },
  'POST /api/v1/cases/:id/steps': { thing: 'case', body: () => ({ action: 'comment', version: 99, note: 'seen' }) },
  'POST /api/v1/cases': {
    thing: 'place',
    body: ({ place }) => ({ source: 'patrol', category: 'equipment-fault', title: 'seen', place }),
  },
  'GET /api/v1/cases/duplicates': { listOf: 'case' },
  'GET /api/v1/devices': { listOf: 'device' },
  'GET /api/v1/devices/:id': { thing: 'device' },
  'POST /api/v1/devices/:id/snapshots': { thing: 'device', body: () => ({ at: '2026-01-01T00:00:00.000Z' }) },
  'POST /api/v1/devices/:id/commands': { thing: 'device', body: () => ({ action: 'open', ...because }) },
  'GET /api/v1/devices/:id/commands': { thing: 'device' },
  'GET /api/v1/devices/:id/presets': { thing: 'device' },
  'GET /api/v1/devices/:id/snapshot': { thing: 'device' },
  'POST /api/v1/devices/:id/exports': {
    thing: 'device',
    body: () => ({ from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:01:00.000Z', ...because }),
  },
  'POST /api/v1/devices/:id/evidence-locks': {
    thing: 'device',
    body: () => ({
      ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:01:00.000Z' },
      ...{ expiresAt: '2027-01-01T00:00:00.000Z', ...because },
    }),
  },
  'GET /api/v1/agent-policies': { listOf: 'agent' },
  'GET /api/v1/access-points': { listOf: 'point' },
  'GET /api/v1/access-points/:id': { thing: 'point' },
  'POST /api/v1/access-points': {
    thing: 'point',
    body: ({ point, place }) => ({ id: point, place, device: 'lanting-service-barrier', name, rules }),
  },
  'PATCH /api/v1/access-points/:id': { thing: 'point', body: () => ({ version: 99 }) },
  'DELETE /api/v1/access-points/:id': { thing: 'point', query: '?version=99' },
  'GET /api/v1/access-areas': { listOf: 'area' },
  'POST /api/v1/access-areas': { thing: 'area', body: ({ area }) => ({ id: area, estate: 'lanting', name }) },
  'PATCH /api/v1/access-areas/:id': { thing: 'area', body: () => ({ version: 99 }) },
  'DELETE /api/v1/access-areas/:id': { thing: 'area', query: '?version=99' },
  'POST /api/v1/access-areas/:id/forgive': { thing: 'area', body: () => because },
  'POST /api/v1/holders/:id/forgive': { thing: 'holder', body: () => because },
  'GET /api/v1/access-schedules': { listOf: 'schedule' },
  'GET /api/v1/access-schedules/:id': { thing: 'schedule' },
  'POST /api/v1/access-schedules': { thing: 'schedule', body: () => ({ estate: 'lanting', name: 'seen', weekly }) },
  'PATCH /api/v1/access-schedules/:id': { thing: 'schedule', body: () => ({ version: 99 }) },
  'DELETE /api/v1/access-schedules/:id': { thing: 'schedule', query: '?version=99' },
  'GET /api/v1/passes': { listOf: 'pass' },
  'GET /api/v1/passes/:id': { thing: 'pass' },
  'POST /api/v1/passes': {
    thing: 'pass',
    body: ({ point }) => ({ estate: 'lanting', name: 'seen', accessPoints: [point], until: '2000-01-01T00:00:00Z' }),
  },
  'POST /api/v1/passes/:id/revoke': { thing: 'pass', body: () => because },
  'POST /api/v1/holders/:id/invite': { thing: 'holder' },
  'DELETE /api/v1/holders/:id/invite': { thing: 'holder' },
  'GET /api/v1/holders/:id/face-consents': { thing: 'holder' },
  'POST /api/v1/holders/:id/face-consents': {
    thing: 'holder',
    body: ({ point }) => ({
      ...{ purpose: 'estate-access', noticeVersion: 'none', accessPoints: [point], how: 'paper', minor: false },
      validUntil: '2000-01-01T00:00:00.000Z',
    }),
  },
  'POST /api/v1/holders/:id/face-consents/:consent/withdraw': 'free',
  'POST /api/v1/holders/:id/face-consents/:consent/enrolments': 'free',
  'GET /api/v1/impact-assessments': { listOf: 'assessment' },
  'POST /api/v1/impact-assessments': {
    thing: 'assessment',
    body: () => ({ estate: 'lanting', title: 'seen', document: 'PIA-1', validUntil: '2999-01-01T00:00:00.000Z' }),
  },
  'POST /api/v1/impact-assessments/:id/end': { thing: 'assessment' },
  'GET /api/v1/access-records': { listOf: 'record' },
  'POST /api/v1/holder-imports': {
    thing: 'holder',
    body: () => ({ estate: 'lanting', file: { name: 'x.csv', contentBase64: 'eA==' }, dryRun: true }),
  },
  'GET /api/v1/holders': { listOf: 'holder' },
  'GET /api/v1/holders/:id': { thing: 'holder' },
  'POST /api/v1/holders': { thing: 'holder', body: () => ({ estate: 'lanting', name: 'seen' }) },
  'PATCH /api/v1/holders/:id': { thing: 'holder', body: () => ({ version: 99 }) },
  'POST /api/v1/holders/:id/vehicles': { thing: 'holder', body: () => ({ name: 'seen', plate: '浙AS33N1' }) },
  'POST /api/v1/holders/:id/block': { thing: 'holder', body: () => ({ blocked: false, ...because }) },
  'POST /api/v1/holders/:id/credentials': { thing: 'holder', body: () => ({ factor: 'pin' }) },
  'POST /api/v1/holders/:id/permits': { thing: 'holder', body: ({ point }) => ({ accessPoints: [point] }) },
  // More in the address than one id: scoped-access.test.ts.
  'POST /api/v1/holders/:id/credentials/:credential/block': 'free',
  'POST /api/v1/holders/:id/credentials/:credential/end': 'free',
  'POST /api/v1/holders/:id/permits/:permit/end': 'free',
  // The last: there is nothing more to be done about whoever was ended.
  'POST /api/v1/holders/:id/end': { thing: 'holder' },
  'GET /api/v1/agents': { listOf: 'agent' },
  'GET /api/v1/agents/:id': { thing: 'agent' },
  'GET /api/v1/places': { listOf: 'place' },
  'GET /api/v1/places/:id': { thing: 'place' },
  'POST /api/v1/media/:ref/views': { thing: 'media', body: () => because },
};
