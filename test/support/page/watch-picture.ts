import type { Page } from 'playwright-core';
import { BARS } from '../counting-camera.ts';

/** A picture of a counting camera on the screen, by its number. */
export interface SeenPicture {
  readonly number: number;
  /** When the page was seen to show it first, ms since 1970: up to one refresh of the screen late. */
  readonly atMs: number;
}

export interface PictureLog {
  /** When the page opened a socket for the live view last, ms since 1970. */
  readonly openedAtMs: number;
  readonly seen: readonly SeenPicture[];
}

/** Looks at every refresh which number the live view shows; runs in the page, before its own scripts. */
const SCRIPT = `(() => {
  const log = (globalThis.pictureLog = { openedAtMs: 0, seen: [] });
  const Original = globalThis.WebSocket;
  globalThis.WebSocket = class extends Original {
    constructor(address, ...rest) {
      super(address, ...rest);
      if (String(address).includes('/live')) Object.assign(log, { openedAtMs: Date.now(), seen: [] });
    }
  };
  const board = new OffscreenCanvas(${BARS} * 8, 1);
  const pen = board.getContext('2d', { willReadFrequently: true });
  pen.imageSmoothingEnabled = false;
  const look = () => {
    requestAnimationFrame(look);
    const source = document.querySelector('figure video:not([hidden]), figure canvas:not([hidden])');
    if (source === null || document.querySelector('figure[data-state="connecting"]') !== null) return;
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    if (!(width > 0) || source.readyState < 2) return;
    pen.drawImage(source, 0, height / 10, width, 1, 0, 0, board.width, 1);
    const { data } = pen.getImageData(0, 0, board.width, 1);
    let number = 0;
    for (let bar = 0; bar < ${BARS}; bar++) if (data[(bar * 8 + 4) * 4] > 127) number += 2 ** bar;
    if (log.seen.at(-1)?.number !== number) log.seen.push({ number, atMs: Date.now() });
    if (log.seen.length > 2000) log.seen.shift();
  };
  requestAnimationFrame(look);
})()`;

/** To be called before the page is opened. */
export async function watchPicture(page: Page): Promise<() => Promise<PictureLog>> {
  await page.addInitScript(SCRIPT);
  return () => page.evaluate<PictureLog>('globalThis.pictureLog');
}
