import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Controller, meetController } from './controller.ts';
import { createDoorControl } from './door-control.ts';
import type { Gate } from './gate.ts';
import { DEFAULT_OFFLINE_AFTER_MS, DEFAULT_PULL_MS, DEFAULT_TIMEOUT_MS, type GateConfig } from './gate-config.ts';
import type { GateControl } from './gate-control.ts';
import { GateError, gateErrorFrom } from './gate-error.ts';
import { findInputs } from './gate-lines.ts';
import { followPullPoint } from './pull-point.ts';
import { createRelayControl, type RelayService } from './relay-control.ts';

export interface GateLoopOptions {
  readonly config: GateConfig;
  readonly gate: Gate;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;
/** After a refusal the pauses are long: controllers lock an account after some five failures. */
const REFUSED_RETRY_MIN_MS = 10_000;
const REFUSED_RETRY_MAX_MS = 300_000;

function retryDelayMs(isRefused: boolean, failures: number): number {
  const [min, max] = isRefused ? [REFUSED_RETRY_MIN_MS, REFUSED_RETRY_MAX_MS] : [RETRY_MIN_MS, RETRY_MAX_MS];
  return Math.min(max, min * 2 ** (failures - 1));
}

/** What was asked for by name has to be there; what is merely possible is done without. */
function assertAble(control: GateControl, config: GateConfig): void {
  for (const action of config.actions ?? []) {
    const reason = control.missing.get(action);
    if (reason !== undefined) throw new GateError('GATE_ACTION_MISSING', `It is to ${action}. ${reason}`);
  }
}

/**
 * Keeps one gate connected until the signal ends it: meets the controller, follows its events, hands both to the gate,
 * and begins again after each failure.
 */
export async function runGateLoop(options: GateLoopOptions): Promise<void> {
  const { config, gate, signal, log } = options;
  const { device, username, password } = config;
  const { reporter } = gate;
  const offlineAfterMs = config.offlineAfterMs ?? DEFAULT_OFFLINE_AFTER_MS;
  const relayService: RelayService = { real: undefined };
  let lastContactAtMs = Number.NEGATIVE_INFINITY;
  let runStartedAtMs = 0;
  let failures = 0;

  /**
   * Credentials that this run got through with before are not wrong now: the controller's clock has stepped, and the
   * next run measures it. Only a refusal at the start of a run is one.
   */
  const isRefusal = (error: GateError) => error.code === 'GATE_REFUSED' && lastContactAtMs < runStartedAtMs;

  async function takeControl(controller: Controller): Promise<GateControl> {
    const inputs = findInputs(await controller.listInputs(), config);
    const control = await (config.driver === 'door'
      ? createDoorControl(controller, config, inputs)
      : createRelayControl(controller, config, inputs, relayService));
    assertAble(control, config);
    return control;
  }

  async function runOnce(): Promise<void> {
    runStartedAtMs = performance.now();
    const controller = await meetController({
      url: new URL(config.url),
      credentials: username === undefined ? undefined : { username, password: password ?? '' },
      allowedHosts: config.allowedHosts ?? [],
      timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal,
    });
    const control = await takeControl(controller);
    const connection = new AbortController();
    try {
      await followPullPoint({
        controller,
        pullMs: config.pullMs ?? DEFAULT_PULL_MS,
        signal,
        onSubscribed: (resync) =>
          gate.connected({ control, resync, sinceMs: performance.now(), signal: connection.signal }),
        onNotifications(notifications, asOfMs) {
          lastContactAtMs = performance.now();
          failures = 0;
          reporter.connection('online');
          gate.take(notifications, control, asOfMs);
        },
      });
    } finally {
      gate.disconnected();
      connection.abort();
    }
  }

  function lose(error: GateError): void {
    const isBlip = performance.now() - lastContactAtMs < offlineAfterMs;
    if (isBlip && !isRefusal(error)) {
      reporter.connection('degraded', error);
      return;
    }
    gate.forget();
    reporter.connection(isRefusal(error) ? 'refused' : 'unreachable', error);
  }

  reporter.connection('connecting');
  while (!signal.aborted) {
    try {
      await runOnce();
    } catch (cause) {
      if (signal.aborted) break;
      const error = gateErrorFrom(cause);
      failures += 1;
      lose(error);
      const delayMs = retryDelayMs(isRefusal(error), failures);
      log.warn({ device, code: error.code, retryInMs: delayMs, err: error }, 'lost the gate');
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
  gate.close();
}
