import { execFileSync } from 'node:child_process';
import { parentPort } from 'node:worker_threads';

/**
 * Stands for the inference thread: the first byte of a frame says how it behaves. 1: a face that is as wide as the frame.
 * 2: dies. 3: throws. 4: says nothing. 5: answers after 100 ms. 6: hangs in native code for
 * three seconds.
 */
interface Request {
  readonly kind: string;
  readonly frame: { readonly widthPx: number; readonly rgb: Uint8Array };
}

parentPort?.on('message', ({ kind, frame }: Request) => {
  if (kind === 'end') {
    parentPort?.close();
    return;
  }
  const face = { leftPx: 0, topPx: 0, widthPx: frame.widthPx, heightPx: 1, score: 1 };
  const answer = () => parentPort?.postMessage({ kind: 'faces', faces: [face] });
  if (frame.rgb[0] === 1) answer();
  if (frame.rgb[0] === 2) process.exit(1);
  if (frame.rgb[0] === 3) throw new Error('a model threw');
  if (frame.rgb[0] === 5) setTimeout(answer, 100);
  if (frame.rgb[0] === 6) execFileSync('sleep', ['3']);
});
parentPort?.postMessage({ kind: 'ready' });
