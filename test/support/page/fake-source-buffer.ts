import type { SourceBufferLike } from '../../../services/console/live/append-queue.ts';

/** A source buffer whose updates end when a test says so; each append holds `secondsPerAppend` of video. */
export class FakeSourceBuffer implements SourceBufferLike {
  updating = false;
  readonly appended: string[] = [];
  readonly removed: [number, number][] = [];
  /** How many of the next appends find no room. */
  refusals = 0;
  startSec = 0;
  endSec = 0;
  readonly #secondsPerAppend: number;
  readonly #listeners = new Map<string, (() => void)[]>();

  constructor(secondsPerAppend = 0.04) {
    this.#secondsPerAppend = secondsPerAppend;
  }

  get buffered() {
    const { startSec, endSec } = this;
    return { length: endSec > startSec ? 1 : 0, start: () => startSec, end: () => endSec };
  }

  appendBuffer(data: Uint8Array<ArrayBuffer>): void {
    if (this.updating) throw new DOMException('still updating', 'InvalidStateError');
    if (this.refusals > 0) {
      this.refusals--;
      throw new DOMException('full', 'QuotaExceededError');
    }
    const text = new TextDecoder().decode(data);
    this.appended.push(text);
    if (text !== 'init') this.endSec += this.#secondsPerAppend;
    this.updating = true;
  }

  remove(startSec: number, endSec: number): void {
    if (this.updating) throw new DOMException('still updating', 'InvalidStateError');
    this.removed.push([startSec, endSec]);
    this.startSec = endSec;
    this.updating = true;
  }

  addEventListener(type: 'updateend' | 'error', listener: () => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Ends the update that is under way. */
  finish(): void {
    this.updating = false;
    this.emit('updateend');
  }

  /** Ends updates until there is none. */
  settle(): void {
    while (this.updating) this.finish();
  }

  emit(type: 'updateend' | 'error'): void {
    for (const listener of this.#listeners.get(type) ?? []) listener();
  }
}
