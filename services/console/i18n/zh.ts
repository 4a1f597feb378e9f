import { access } from './zh/access.ts';
import { account } from './zh/account.ts';
import { accounts } from './zh/accounts.ts';
import { alarms } from './zh/alarms.ts';
import { captures } from './zh/captures.ts';
import { cases } from './zh/cases.ts';
import { causes } from './zh/causes.ts';
import { devices } from './zh/devices.ts';
import { edges } from './zh/edges.ts';
import { faces } from './zh/faces.ts';
import { gates } from './zh/gates.ts';
import { integrations } from './zh/integrations.ts';
import { live } from './zh/live.ts';
import { operator } from './zh/operator.ts';
import { passes } from './zh/passes.ts';
import { places } from './zh/places.ts';
import { reasons } from './zh/reasons.ts';
import { recordings } from './zh/recordings.ts';
import { records } from './zh/records.ts';
import { reports } from './zh/reports.ts';
import { residents } from './zh/residents.ts';
import { retention } from './zh/retention.ts';
import { rules } from './zh/rules.ts';
import { session } from './zh/session.ts';
import { shell } from './zh/shell.ts';
import { time } from './zh/time.ts';

export const zh = {
  access,
  account,
  accounts,
  alarms,
  captures,
  cases,
  causes,
  devices,
  edges,
  faces,
  gates,
  integrations,
  live,
  operator,
  passes,
  places,
  reasons,
  recordings,
  records,
  reports,
  residents,
  retention,
  rules,
  session,
  shell,
  time,
} as const;
