import type { Connection } from '@dipper/contract/device-state';
import type { GateConfig } from './gate-config.ts';
import type { GateError } from './gate-error.ts';
import type { GateReport } from './gate-messages.ts';
import type { GateFinding, GateForced, GateSight } from './gate-view.ts';

export interface GateReporterOptions {
  readonly config: GateConfig;
  /** Since when the gate stands forced open, from before this process. An end without it dates from itself. */
  readonly forcedSinceMs: number | undefined;
  readonly onReport: (report: GateReport) => void;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: () => number;
}

export interface GateReporter {
  /** Tells what was found, if it is news. */
  found(finding: GateFinding): void;
  /** Tells how the edge stands with the controller, if it is news. */
  connection(connection: Connection, error?: GateError): void;
}

const MESSAGE_MAX_CHARS = 512;

/** Turns findings about one gate into events and states of the contract, each told once. */
export function createGateReporter(options: GateReporterOptions): GateReporter {
  const { config, onReport, nowMs } = options;
  const about = { device: config.device, ...(config.place === undefined ? {} : { place: config.place }) };
  let forcedSinceMs = options.forcedSinceMs;
  let sight: GateSight = { position: 'unknown', relay: 'unknown', contact: 'unknown' };
  let current: { connection: Connection; sinceMs: number; error: GateError | undefined } | undefined;

  function tellState(): void {
    if (current === undefined) return;
    const { connection, sinceMs, error } = current;
    onReport({
      kind: 'state',
      state: {
        kind: 'gate',
        device: config.device,
        connection,
        since: new Date(sinceMs).toISOString(),
        ...(error === undefined ? {} : { cause: error.code, message: error.message.slice(0, MESSAGE_MAX_CHARS) }),
        ...sight,
      },
    });
  }

  function tellForced({ phase, relay, contact, ageMs }: GateForced): void {
    const occurredAtMs = Math.round(nowMs() - ageMs);
    if (phase === 'started') forcedSinceMs = occurredAtMs;
    const since = new Date(forcedSinceMs ?? occurredAtMs).toISOString();
    onReport({
      kind: 'event',
      event: { type: 'gate.forced', ...about, occurredAtMs, data: { phase, since, relay, contact } },
    });
    if (phase === 'ended') forcedSinceMs = undefined;
  }

  return {
    found(finding) {
      const occurredAtMs = nowMs();
      sight = finding.sight;
      if (finding.isNews) {
        onReport({ kind: 'event', event: { type: 'gate.state', ...about, occurredAtMs, data: { ...sight } } });
      }
      if (finding.forced !== undefined) tellForced(finding.forced);
      if (finding.isNews) tellState();
    },
    connection(connection, error) {
      const isSame = current?.connection === connection && current.error?.code === error?.code;
      if (isSame) return;
      const sinceMs = current?.connection === connection ? current.sinceMs : nowMs();
      current = { connection, sinceMs, error };
      tellState();
    },
  };
}
