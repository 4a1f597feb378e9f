/** Parses an xs:duration of days, hours, minutes and seconds. @returns undefined for anything else */
export function durationMs(value: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value.trim());
  if (match === null || match[0] === 'P') return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1_000;
}

/** Reads `InitialTerminationTime` and `TerminationTime`: a duration from now or a point in time of the device's clock (WS-BaseNotification 1.3, 4.2). */
export function terminationInMs(value: string | undefined, deviceNowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const relative = durationMs(value);
  if (relative !== undefined) return relative;
  const absoluteMs = Date.parse(value);
  return Number.isNaN(absoluteMs) ? undefined : absoluteMs - deviceNowMs;
}
