import { ROLES, type Role } from '@dipper/contract/api/session';

const ALL: readonly Role[] = ROLES;
const RECORD: readonly Role[] = ['guard', 'dispatcher', 'supervisor', 'admin', 'auditor'];
const DESK: readonly Role[] = ['guard', 'dispatcher', 'supervisor', 'admin'];

/** Who may use what, written by hand: a change of access in the code has to be made here as well. */
export const EXPECTED_ACCESS: Readonly<Record<string, 'public' | 'edge' | 'signed-in' | readonly Role[]>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
  'GET /*': 'public',
  'GET /edge/v1/uplink': 'edge',
  'POST /api/v1/sessions': 'public',
  'GET /api/v1/sessions': ['admin'],
  'GET /api/v1/sessions/current': 'signed-in',
  'DELETE /api/v1/sessions/current': 'signed-in',
  'DELETE /api/v1/sessions/:id': ['admin'],
  'GET /api/v1/accounts': ['admin'],
  'POST /api/v1/accounts': ['admin'],
  'PATCH /api/v1/accounts/:id': ['admin'],
  'GET /api/v1/audit': ['auditor', 'admin'],
  'GET /api/v1/events': RECORD,
  'GET /api/v1/events/:id': RECORD,
  'GET /api/v1/events/counts': RECORD,
  'GET /api/v1/retention': ['supervisor', 'admin', 'auditor'],
  'GET /api/v1/deletions': ['supervisor', 'admin', 'auditor'],
  'GET /api/v1/alarms': ALL,
  'GET /api/v1/alarms/:id': ALL,
  'POST /api/v1/alarms/:id/acknowledgements': DESK,
  'GET /api/v1/incidents': ALL,
  'GET /api/v1/incidents/:id': ALL,
  'GET /api/v1/cases': ALL,
  'GET /api/v1/cases/:id': ALL,
  'POST /api/v1/cases/:id/steps': ['guard', 'grid-worker', 'dispatcher', 'supervisor', 'admin'],
  'GET /api/v1/assignees': ['dispatcher', 'supervisor', 'admin'],
  'GET /api/v1/devices': ALL,
  'GET /api/v1/devices/:id': ALL,
  'GET /api/v1/devices/:id/live': DESK,
  'GET /api/v1/agents': RECORD,
  'GET /api/v1/agents/:id': RECORD,
  'GET /api/v1/places': ALL,
  'GET /api/v1/places/:id': ALL,
  'GET /api/v1/feed': ALL,
  'POST /api/v1/media/:ref/views': DESK,
};
