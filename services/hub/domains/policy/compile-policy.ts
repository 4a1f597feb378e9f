import { createHash } from 'node:crypto';
import { credentialHmac } from '@dipper/contract/credential-hmac';
import type {
  PolicyAccessPoint,
  PolicyBody,
  PolicyCredential,
  PolicyHolder,
  PolicyPermit,
} from '@dipper/contract/policy-body';
import type { CalendarYears } from '../case/working-calendar.ts';
import { specialDaysWith } from './holiday-days.ts';
import type { PolicySource } from './policy-source.ts';

/** A policy without its version: the version rises when this is another. */
export type PolicyContent = Omit<PolicyBody, 'version'>;

export interface CompileOptions {
  /** Of the estate: its time zone and its statutory holidays. */
  readonly calendar: Pick<CalendarYears, 'timeZone' | 'years'>;
  /** The agent's credential key. */
  readonly key: Uint8Array;
  /** The value of a credential as it was entered. */
  readonly open: (credential: PolicySource['credentials'][number]) => string;
}

/** A permit without an end. */
const FOR_EVER = '9999-12-31T23:59:59.999Z';

/**
 * What one edge has to know, in the one form that the same facts have: arrays by id, nothing in it that is absent. Values
 * of credentials are in it only as HMACs under the agent's key.
 */
export function compilePolicy(source: PolicySource, { calendar, key, open }: CompileOptions): PolicyContent {
  const here = new Set(source.points.map(({ id }) => id));
  const content: PolicyContent = {
    estate: source.estate,
    agent: source.agent,
    timeZone: calendar.timeZone,
    areas: byId(source.areas).map(({ id, occupancy_limit, reset_at_minute }) => ({
      id,
      ...(occupancy_limit !== null && { occupancyLimit: occupancy_limit }),
      ...(reset_at_minute !== null && { resetAtMinute: reset_at_minute }),
    })),
    accessPoints: byId(source.points).map(accessPointFrom),
    schedules: byId(source.schedules).map(({ id, weekly, special_days, holidays }) => {
      const specialDays = specialDaysWith(calendar, weekly, special_days, holidays);
      return { id, weekly, ...(specialDays.length > 0 && { specialDays }) };
    }),
    holders: byId(source.holders).map(
      ({ id, kind, is_blocked }): PolicyHolder => ({ id, kind, ...(is_blocked && { blocked: true }) }),
    ),
    credentials: byId(source.credentials).map((credential) => credentialFrom(credential, key, open)),
    permits: byId(source.permits).map((permit) => permitFrom(permit, here)),
    ...(source.faces !== undefined && { faces: source.faces }),
  };
  return content;
}

/** Lower-case hex of SHA-256. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function accessPointFrom({ id, device, from_area, to_area, rules }: PolicySource['points'][number]): PolicyAccessPoint {
  // jsonb keeps no order of its own; the order in which the contract names them is as good as any.
  const { factorRules, factorWindowSec, whenExpired, antiPassback, interlock, passageSec, outOfOrder } = rules;
  return {
    id,
    device,
    ...(from_area !== null && { fromArea: from_area }),
    ...(to_area !== null && { toArea: to_area }),
    factorRules: factorRules.map(({ schedule, anyOf }) => ({ ...(schedule !== undefined && { schedule }), anyOf })),
    ...(factorWindowSec !== undefined && { factorWindowSec }),
    ...(whenExpired !== undefined && { whenExpired }),
    ...(antiPassback !== undefined && {
      antiPassback: {
        mode: antiPassback.mode,
        ...(antiPassback.minutes !== undefined && { minutes: antiPassback.minutes }),
      },
    }),
    ...(interlock !== undefined && { interlock }),
    ...(passageSec !== undefined && { passageSec }),
    ...(outOfOrder !== undefined && { outOfOrder }),
  };
}

function credentialFrom(
  credential: PolicySource['credentials'][number],
  key: Uint8Array,
  open: CompileOptions['open'],
): PolicyCredential {
  const { id, holder, factor, duress, blocked_at } = credential;
  // A visitor's pass proves itself by its signature and is looked up by its id.
  const hmac = factor === 'qr' ? undefined : credentialHmac(key, factor, open(credential));
  return {
    ...{ id, holder, factor },
    ...(hmac !== undefined && { hmac }),
    ...(duress && { duress }),
    ...(blocked_at !== null && { blocked: true as const }),
  };
}

function permitFrom(row: PolicySource['permits'][number], here: ReadonlySet<string>): PolicyPermit {
  return {
    id: row.id,
    holder: row.holder,
    ...(row.credential !== null && { credential: row.credential }),
    accessPoints: [...new Set(row.access_points)].filter((id) => here.has(id)).sort(),
    ...(row.schedule !== null && { schedule: row.schedule }),
    validFrom: row.valid_from.toISOString(),
    validUntil: row.valid_until?.toISOString() ?? FOR_EVER,
    ...(row.uses !== null && { uses: row.uses }),
    ...(row.uses !== null && row.uses_elsewhere > 0 && { usesElsewhere: row.uses_elsewhere }),
  };
}

/** By code unit, whatever the collation of a database is. */
function byId<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
