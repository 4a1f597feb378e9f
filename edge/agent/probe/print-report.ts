import type { ProbedDrive, ProbeReport } from '../../onvif/probe-report.ts';
import type { Profile } from '../../onvif/profile.ts';

function profileLine({ token, name, encoding, widthPx, heightPx, frameRateFps, bitrateKbps }: Profile): string {
  const video =
    encoding === undefined
      ? 'no video'
      : [
          `${encoding} ${widthPx}x${heightPx}`,
          frameRateFps === undefined ? '' : `${frameRateFps} fps`,
          bitrateKbps === undefined ? '' : `${bitrateKbps} kbit/s`,
        ]
          .filter((part) => part !== '')
          .join(', ');
  return `${token}${name === token ? '' : ` (${name})`}: ${video}`;
}

function clockLine({ clock }: ProbeReport): string {
  if (clock === undefined) return 'not told';
  const { offset, settings } = clock;
  const kept = [settings.type ?? 'kept unknown how', settings.timeZone ?? 'no zone'].join(', ');
  if (offset === undefined) return `no UTC time (${kept})`;
  const seconds = (offset.offsetMs / 1000).toFixed(1);
  return `${offset.offsetMs < 0 ? '' : '+'}${seconds} s ± ${(offset.uncertaintyMs / 1000).toFixed(1)} s against this machine (${kept})`;
}

function* lines(report: ProbeReport): Generator<readonly [label: string, text: string]> {
  const { information, services, profiles, streams, snapshot, events, ptz, relays, inputs } = report;
  yield [
    'device',
    [information?.manufacturer, information?.model].filter((part) => part !== undefined).join(' ') || 'not told',
  ];
  if (information?.firmware !== undefined) yield ['firmware', information.firmware];
  if (information?.serialNumber !== undefined) yield ['serial number', information.serialNumber];
  yield ['clock', clockLine(report)];
  yield ['services', services.map(({ name }) => name).join(', ') || 'none told'];
  for (const profile of profiles) yield ['profile', profileLine(profile)];
  if (streams.mainUrl !== undefined) yield ['main stream', `${streams.main?.token}  ${streams.mainUrl}`];
  if (streams.subUrl !== undefined) yield ['sub stream', `${streams.sub?.token}  ${streams.subUrl}`];
  if (snapshot !== undefined) {
    yield ['snapshot', `${snapshot.url}${snapshot.bytes === undefined ? '' : `  (${snapshot.bytes} bytes)`}`];
  }
  yield [
    'events',
    events === undefined
      ? 'no service'
      : `${events.topics.length} topics, ${events.told.length} with their present state told at once`,
  ];
  for (const topic of new Set([...(events?.topics ?? []), ...(events?.told ?? [])])) {
    yield ['', `${topic}${events?.told.includes(topic) === true ? '  (told)' : ''}`];
  }
  yield* driveLines(ptz);
  yield ['relays', relays.map(({ token, service }) => `${token} (${service})`).join(', ') || 'none'];
  yield ['inputs', inputs.join(', ') || 'none'];
}

function* driveLines(ptz: ProbedDrive | undefined): Generator<readonly [label: string, text: string]> {
  if (ptz?.profileToken === undefined) {
    yield ['PTZ', ptz === undefined ? 'no' : 'a service without a drive'];
    return;
  }
  const { profileToken, nodes, holdMs, tells, presets } = ptz;
  yield ['PTZ', `profile ${profileToken}, tells ${tells.join(' and ') || 'nothing'} while it turns`];
  for (const { token, limits } of nodes) {
    const axes = (['pan', 'tilt', 'zoom'] as const).map((axis) => {
      const range = limits[axis];
      return range === undefined ? `no ${axis}` : `${axis} ${range.min} to ${range.max}`;
    });
    yield ['', `node ${token}: ${axes.join(', ')}, ${limits.maxPresets ?? 'untold'} presets at most`];
  }
  yield [
    '',
    `turns by itself for ${holdMs === undefined ? 'an untold time' : `${holdMs.min / 1000} to ${holdMs.max / 1000} s`}`,
  ];
  yield ['presets', presets.map(({ token, name }) => `${name} (${token})`).join(', ') || 'none'];
}

/** What a person reads. What the device wrote stands in it without control characters. */
export function printReport(report: ProbeReport, config: string | undefined): string {
  const parts = [...lines(report)].map(([label, text]) => `  ${label.padEnd(14)} ${text}`);
  const findings =
    report.findings.length === 0
      ? ['What it answers wrongly: nothing found.']
      : [
          'What it answers wrongly:',
          ...report.findings.map(({ about, code, message }) => `  ${code} (${about})  ${message}`),
        ];
  const paste =
    config === undefined
      ? ['It has neither a stream nor a relay that could be configured.']
      : ['For the configuration of the agent (choose id and place):', '', config.trimEnd()];
  const text = [report.url, ...parts, '', ...findings, '', ...paste, ''].join('\n');
  return text.replace(/[^\n\x20-\x7e\u00a0-\uffff]/g, ' ');
}
