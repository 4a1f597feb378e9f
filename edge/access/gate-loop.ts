import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { meetController } from './controller.ts';
import {
  DEFAULT_FORCED_WINDOW_MS,
  DEFAULT_OFFLINE_AFTER_MS,
  DEFAULT_PULL_MS,
  DEFAULT_TIMEOUT_MS,
  type GateConfig,
} from './gate-config.ts';
import { type GateError, gateErrorFrom } from './gate-error.ts';
import { findGateLines, gateSignalFrom } from './gate-lines.ts';
import type { GateReport } from './gate-messages.ts';
import { createGateReporter } from './gate-reporter.ts';
import { createGateView } from './gate-view.ts';
import { followPullPoint } from './pull-point.ts';

export interface GateLoopOptions {
  readonly config: GateConfig;
  /** Since when the gate stands forced open; `unknown` when the hub may hold it for forced, undefined when it is not. */
  readonly forcedSinceMs: number | 'unknown' | undefined;
  readonly onReport: (report: GateReport) => void;
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

/**
 * Follows one gate until the signal ends it: meets the controller, subscribes to its events, judges what they say,
 * and begins again after each failure. Reports `gate.state`, `gate.forced`, and the state of the controller.
 */
export async function runGateLoop(options: GateLoopOptions): Promise<void> {
  const { config, signal, log } = options;
  const { device, username, password } = config;
  const offlineAfterMs = config.offlineAfterMs ?? DEFAULT_OFFLINE_AFTER_MS;
  const reporter = createGateReporter({
    config,
    forcedSinceMs: options.forcedSinceMs === 'unknown' ? undefined : options.forcedSinceMs,
    onReport: options.onReport,
    nowMs: () => Date.now(),
  });
  const view = createGateView({
    forcedWindowMs: config.forcedWindowMs ?? DEFAULT_FORCED_WINDOW_MS,
    isForced: options.forcedSinceMs !== undefined,
  });
  let lastContactAtMs = Number.NEGATIVE_INFINITY;
  let runStartedAtMs = 0;
  let failures = 0;
  let verdictTimer: NodeJS.Timeout | undefined;

  /** Judges an opening that nothing has explained, once its grace is over. */
  function judgeInTime(): void {
    clearTimeout(verdictTimer);
    if (view.verdictAtMs === undefined) return;
    const judge = () => {
      for (const finding of view.judge(performance.now())) reporter.found(finding);
      judgeInTime(); // timers may fire a fraction of a millisecond early
    };
    verdictTimer = setTimeout(judge, Math.max(1, view.verdictAtMs - performance.now()));
  }

  /**
   * Credentials that this run got through with before are not wrong now: the controller's clock has stepped, and the
   * next run measures it. Only a refusal at the start of a run is one.
   */
  const isRefusal = (error: GateError) => error.code === 'GATE_REFUSED' && lastContactAtMs < runStartedAtMs;

  async function runOnce(): Promise<void> {
    runStartedAtMs = performance.now();
    const controller = await meetController({
      url: new URL(config.url),
      credentials: username === undefined ? undefined : { username, password: password ?? '' },
      allowedHosts: config.allowedHosts ?? [],
      timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal,
    });
    const lines = await findGateLines(controller, config);
    view.resume();
    await followPullPoint({
      controller,
      pullMs: config.pullMs ?? DEFAULT_PULL_MS,
      signal,
      onNotifications(notifications) {
        lastContactAtMs = performance.now();
        failures = 0;
        const signals = notifications.flatMap((notification) => gateSignalFrom(notification, lines) ?? []);
        reporter.connection('online');
        for (const finding of view.take(signals, lastContactAtMs)) reporter.found(finding);
        judgeInTime();
      },
    });
  }

  function lose(error: GateError): void {
    const isBlip = performance.now() - lastContactAtMs < offlineAfterMs;
    if (isBlip && !isRefusal(error)) {
      reporter.connection('degraded', error);
      return;
    }
    // Whatever the gate does now, nobody sees it.
    if (view.sight.position !== 'unknown') reporter.found(view.forget());
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
  clearTimeout(verdictTimer);
  // Nobody will be here when the grace is over.
  for (const finding of view.judge(Number.POSITIVE_INFINITY)) reporter.found(finding);
}
