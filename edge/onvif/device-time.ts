import { NAMESPACES } from './device-services.ts';
import type { SoapCall, SoapClient } from './soap-client.ts';
import { child, numberOf, type SoapNode, textOf } from './soap-node.ts';
import { escapeXml } from './username-token.ts';

/** How a device keeps its time (Core Specification §8.3.3). */
export interface TimeSettings {
  /** `NTP`: it sets itself; nobody else should. */
  readonly type: 'Manual' | 'NTP' | undefined;
  /** POSIX 1003.1, e.g. `CST-8`. */
  readonly timeZone: string | undefined;
  readonly isDaylightSaving: boolean;
  readonly utcAtMs: number | undefined;
  readonly localAtMs: number | undefined;
}

function instantFrom(node: SoapNode): number | undefined {
  const number = (part: string, name: string) => numberOf(child(child(node, part), name)) ?? Number.NaN;
  const atMs = Date.UTC(
    number('date', 'year'),
    number('date', 'month') - 1,
    number('date', 'day'),
    number('time', 'hour'),
    number('time', 'minute'),
    number('time', 'second'),
  );
  return Number.isFinite(atMs) ? atMs : undefined;
}

/** Reads the body of a GetSystemDateAndTime reply. */
export function timeSettingsFrom(body: SoapNode): TimeSettings {
  const told = child(child(body, 'getSystemDateAndTimeResponse'), 'systemDateAndTime');
  const type = textOf(child(told, 'dateTimeType'));
  return {
    type: type === 'Manual' || type === 'NTP' ? type : undefined,
    timeZone: textOf(child(child(told, 'timeZone'), 'TZ'))?.slice(0, 64),
    isDaylightSaving: textOf(child(told, 'daylightSavings')) === 'true',
    utcAtMs: instantFrom(child(told, 'UTCDateTime')),
    localAtMs: instantFrom(child(told, 'localDateTime')),
  };
}

/** East of Greenwich, milliseconds; POSIX counts the other way round. Undefined for a zone that is none. */
export function zoneOffsetMs(timeZone: string): number | undefined {
  const match = /^(?:<[\w+-]+>|[A-Za-z]{3,})([+-]?\d{1,2})(?::(\d{2}))?/.exec(timeZone);
  if (match === null) return undefined;
  const hours = Number(match[1]);
  const minutes = Number(match[2] ?? 0) * (String(match[1]).startsWith('-') ? -1 : 1);
  return -(hours * 60 + minutes) * 60_000 || 0;
}

/** No clock is so exactly wrong by chance. */
const ZONE_TOLERANCE_MS = 90_000;

/** Whether a device gives its local time as UTC: it is wrong by its own zone, give or take a minute. */
export function isLocalTimeAsUtc({ timeZone, utcAtMs, localAtMs }: TimeSettings, offsetMs: number): boolean {
  const zoneMs = timeZone === undefined ? undefined : zoneOffsetMs(timeZone);
  if (zoneMs === undefined || zoneMs === 0) return false;
  return Math.abs(offsetMs - zoneMs) < ZONE_TOLERANCE_MS && (localAtMs === undefined || localAtMs === utcAtMs);
}

/** Sets a device's clock; zone and daylight saving stay as they are (Core Specification §8.3.4). @throws OnvifError */
export async function setDeviceTime(
  send: SoapClient,
  call: Omit<SoapCall, 'body'>,
  settings: TimeSettings,
  atMs: number,
): Promise<void> {
  const at = new Date(atMs);
  const zone =
    settings.timeZone === undefined
      ? ''
      : `<TimeZone><TZ xmlns="http://www.onvif.org/ver10/schema">${escapeXml(settings.timeZone)}</TZ></TimeZone>`;
  await send({
    ...call,
    body:
      `<SetSystemDateAndTime xmlns="${NAMESPACES.device}"><DateTimeType>Manual</DateTimeType>` +
      `<DaylightSavings>${settings.isDaylightSaving}</DaylightSavings>${zone}<UTCDateTime>` +
      `<Time xmlns="http://www.onvif.org/ver10/schema"><Hour>${at.getUTCHours()}</Hour><Minute>${at.getUTCMinutes()}</Minute><Second>${at.getUTCSeconds()}</Second></Time>` +
      `<Date xmlns="http://www.onvif.org/ver10/schema"><Year>${at.getUTCFullYear()}</Year><Month>${at.getUTCMonth() + 1}</Month><Day>${at.getUTCDate()}</Day></Date>` +
      '</UTCDateTime></SetSystemDateAndTime>',
  });
}
