import type { Connection } from '@dipper/contract/device-state';
import type { DoorAction } from '@dipper/contract/door-action';
import type { GateSight } from './driver.ts';
import type { GateConfig } from './gate-config.ts';
import type { GateError } from './gate-error.ts';
import type { GateReport } from './gate-messages.ts';
import type { GateFinding, GateForced } from './gate-view.ts';
import type { HeldOpenFinding } from './held-open.ts';
import type { Notification } from './notification.ts';
import type { Tailgating } from './passage-ledger.ts';

export interface GateReporterOptions {
  readonly config: GateConfig;
  /** Since when the gate stands forced open, from before this process. An end without it dates from itself. */
  readonly forcedSinceMs: number | undefined;
  /** Since when it stands held open, from before this process. */
  readonly heldOpenSinceMs: number | undefined;
  readonly onReport: (report: GateReport) => void;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Monotonic clock, of which findings give their times. */
  readonly monotonicMs: () => number;
  /** What the state that is told now follows from. */
  readonly correlation: () => string | undefined;
}

export interface GateReporter {
  /** Tells what was found, if it is news. */
  found(finding: GateFinding): void;
  /** Tells how the edge stands with the controller, if it is news. */
  connection(connection: Connection, error?: GateError): void;
  heldOpen(finding: HeldOpenFinding): void;
  tailgated(tailgating: Tailgating): void;
  unconfirmed(action: DoorAction, waitedMs: number, correlation: string | undefined): void;
  fire(phase: 'started' | 'ended'): void;
  /** Something of the controller that is recorded as it was told: the exit button, a door's alarm. */
  told(notification: Notification, button?: { readonly isActive: boolean }): void;
}

const MESSAGE_MAX_CHARS = 512;
const MAX_ITEMS = 16;

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

  /** Since when what lasts has lasted, by what it is: its end names the same instant as its beginning. */
  const sinceOf = new Map<string, string>();
  if (options.heldOpenSinceMs !== undefined) sinceOf.set('held-open', new Date(options.heldOpenSinceMs).toISOString());
  function since(what: string, phase: 'started' | 'ended', beganMs: number): string {
    const known = phase === 'ended' ? sinceOf.get(what) : undefined;
    const told = known ?? new Date(Math.round(beganMs)).toISOString();
    sinceOf.set(what, told);
    return told;
  }
  const itemsOf = (items: ReadonlyMap<string, string>) =>
    Object.fromEntries(
      [...items].slice(0, MAX_ITEMS).map(([name, value]) => [name.slice(0, 64), value.slice(0, MESSAGE_MAX_CHARS)]),
    );

  return {
    heldOpen({ phase, sinceMs }) {
      const beganMs = nowMs() - (options.monotonicMs() - sinceMs);
      const data = { phase, since: since('held-open', phase, beganMs) };
      onReport({ kind: 'event', event: { type: 'gate.held-open', ...about, occurredAtMs: nowMs(), data } });
    },
    tailgated(tailgating) {
      const event = { type: 'gate.tailgated', ...about, occurredAtMs: nowMs(), correlation: tailgating.grant } as const;
      onReport({ kind: 'event', event: { ...event, data: { ...tailgating } } });
    },
    unconfirmed(action, waitedMs, correlation) {
      const { position, lock } = sight;
      const data = { action, waitedMs, position, ...(lock === undefined ? {} : { lock }) };
      const event = { type: 'gate.command-unconfirmed', ...about, occurredAtMs: nowMs(), data } as const;
      onReport({ kind: 'event', event: correlation === undefined ? event : { ...event, correlation } });
    },
    fire(phase) {
      const data = { phase, since: since('fire', phase, nowMs()) };
      onReport({ kind: 'event', event: { type: 'fire.alarm', ...about, occurredAtMs: nowMs(), data } });
    },
    told({ topic, operation, source, data }, button) {
      const onvif = { topic: `tns1:${topic}`.slice(0, 256), source: itemsOf(source), data: itemsOf(data) };
      const head = { ...about, occurredAtMs: nowMs() };
      if (button !== undefined) {
        const changed = { connector: 'exit-button', active: button.isActive, onvif };
        onReport({ kind: 'event', event: { type: 'input.changed', ...head, data: changed } });
        return;
      }
      const told = operation === 'Initialized' || operation === 'Deleted' ? operation : 'Changed';
      onReport({ kind: 'event', event: { type: 'onvif.event', ...head, data: { ...onvif, operation: told } } });
    },
    found(finding) {
      const occurredAtMs = nowMs();
      sight = finding.sight;
      if (finding.isNews) {
        const correlation = options.correlation();
        const event = { type: 'gate.state', ...about, occurredAtMs, data: { ...sight } } as const;
        onReport({ kind: 'event', event: correlation === undefined ? event : { ...event, correlation } });
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
