import { access } from './en/access.ts';
import { account } from './en/account.ts';
import { accounts } from './en/accounts.ts';
import { alarms } from './en/alarms.ts';
import { captures } from './en/captures.ts';
import { cases } from './en/cases.ts';
import { causes } from './en/causes.ts';
import { devices } from './en/devices.ts';
import { edges } from './en/edges.ts';
import { faces } from './en/faces.ts';
import { gates } from './en/gates.ts';
import { integrations } from './en/integrations.ts';
import { live } from './en/live.ts';
import { operator } from './en/operator.ts';
import { passes } from './en/passes.ts';
import { places } from './en/places.ts';
import { reasons } from './en/reasons.ts';
import { recordings } from './en/recordings.ts';
import { records } from './en/records.ts';
import { reports } from './en/reports.ts';
import { residents } from './en/residents.ts';
import { retention } from './en/retention.ts';
import { rules } from './en/rules.ts';
import { session } from './en/session.ts';
import { shell } from './en/shell.ts';
import { time } from './en/time.ts';

export const en = {
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
