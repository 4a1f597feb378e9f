import type { Device } from '../device/device.ts';
import { type EventSource, encodeNotification, type PropertyEvent, type PropertyOperation } from './property-event.ts';

/** Messages kept for a client that does not pull; the oldest are dropped first. */
const MAX_QUEUED = 500;

export interface PullPointOptions {
  readonly source: EventSource;
  readonly device: Device;
  readonly lifetimeMs: number;
}

/** One pull-point subscription (ONVIF Core, 9.1): a queue of messages that ends when nobody renews it. */
export class PullPoint {
  readonly #options: PullPointOptions;
  readonly #stopListening: () => void;
  #queue: string[] = [];
  #endsAtMs: number;
  #wake: (() => void) | undefined;

  constructor(options: PullPointOptions) {
    this.#options = options;
    this.#endsAtMs = options.device.trueClock() + options.lifetimeMs;
    this.synchronize();
    this.#stopListening = options.source.onChange((event) => this.#enqueue(event, 'Changed'));
  }

  get isExpired(): boolean {
    return this.#options.device.trueClock() > this.#endsAtMs;
  }

  /** When it ends, by the device's clock. */
  get terminationTime(): string {
    const leftMs = this.#endsAtMs - this.#options.device.trueClock();
    return new Date(this.#options.device.clock.nowMs() + leftMs).toISOString();
  }

  renew(lifetimeMs: number): void {
    this.#endsAtMs = this.#options.device.trueClock() + lifetimeMs;
  }

  /** Queues the present value of every property (ONVIF Core, 9.1.6). */
  synchronize(): void {
    for (const property of this.#options.source.properties()) this.#enqueue(property, 'Initialized');
  }

  /** Waits until there is a message, at most `timeoutMs`; pulling keeps the subscription alive (ONVIF Core, 9.1.2). */
  async pull(timeoutMs: number, limit: number, signal: AbortSignal): Promise<string[]> {
    this.#endsAtMs = Math.max(this.#endsAtMs, this.#options.device.trueClock() + timeoutMs + this.#options.lifetimeMs);
    if (this.#queue.length === 0 && timeoutMs > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        // A second pull ends the first: there is one reader.
        this.#wake?.();
        const timer = setTimeout(finish, timeoutMs);
        function finish(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          resolve();
        }
        signal.addEventListener('abort', finish);
        this.#wake = finish;
      });
    }
    return this.#queue.splice(0, limit);
  }

  close(): void {
    this.#stopListening();
    this.#wake?.();
  }

  #enqueue(event: PropertyEvent, operation: PropertyOperation): void {
    const { device } = this.#options;
    if (event.isClear === true && device.hasFault('no-clear')) return;
    const message = encodeNotification(event, operation, new Date(device.clock.nowMs()).toISOString());
    this.#queue.push(...Array.from({ length: device.eventRepeats }, () => message));
    if (this.#queue.length > MAX_QUEUED) this.#queue.splice(0, this.#queue.length - MAX_QUEUED);
    this.#wake?.();
  }
}
