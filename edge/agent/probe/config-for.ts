import type { ProbeReport } from '../../onvif/probe-report.ts';
import type { ProbeArguments } from './probe-arguments.ts';

/** An id as the configuration takes it, from what the device is and where. */
function idFrom(report: ProbeReport): string {
  const words = [report.information?.model ?? 'device', new URL(report.url).hostname].join('-');
  const id = words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return id.slice(0, 48).replaceAll(/^-+|-+$/g, '') || 'device';
}

/** A scalar in YAML 1.2: plain where nobody can misread it, else in quotes as JSON has them. */
function scalar(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function line(indent: number, key: string, value: string): string {
  return `${' '.repeat(indent)}${key}: ${value}`;
}

/**
 * The section of the agent's configuration for a device, ready to be pasted: a camera where it has streams, a gate where it
 * has relays and none. `place` is the one thing that a device cannot tell. Undefined for a device that is neither.
 */
export function configFor(
  report: ProbeReport,
  { credentials, passwordKey }: Pick<ProbeArguments, 'credentials' | 'passwordKey'>,
): string | undefined {
  const about = [
    `  - id: ${idFrom(report)}`,
    line(4, 'place', 'entrance # as the hub knows it'),
    line(4, 'onvif', ''),
    line(6, 'url', report.url),
    ...(credentials === undefined ? [] : [line(6, 'username', scalar(credentials.username))]),
    ...Object.entries(passwordKey ?? {}).map(([key, value]) => line(6, key, scalar(value))),
  ].map((each) => each.trimEnd());
  const { main, sub } = report.streams;
  if (main !== undefined) {
    return [
      ...['cameras:', ...about, line(4, 'streams', '').trimEnd()],
      line(6, 'main', `{ profile: ${scalar(main.token)} }`),
      ...(sub === undefined ? [] : [line(6, 'sub', `{ profile: ${scalar(sub.token)} }`)]),
      ...(report.quirks.length === 0 ? [] : [line(4, 'quirks', `[${report.quirks.join(', ')}]`)]),
    ].join('\n');
  }
  const [relay] = report.relays;
  if (relay === undefined) return undefined;
  const [contact] = report.inputs;
  return [
    ...['gates:', ...about, line(4, 'failMode', 'fail-safe # or fail-secure: README, "Wire a gate"')],
    line(4, 'relayToken', scalar(relay.token)),
    ...(contact === undefined ? [] : [line(4, 'contactToken', scalar(contact))]),
  ].join('\n');
}
