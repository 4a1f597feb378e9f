import { parentPort, workerData } from 'node:worker_threads';
import { loadSealer } from '@dipper/hub/sealer';
import { loadSigningKey } from '@dipper/hub/signing-key';

/** A copy of the hub that starts for the first time, in each of the folders at the same moment as the others. */
export interface FirstStart {
  readonly dirs: readonly string[];
  readonly copies: number;
  /** How many have come to the start, over all folders. */
  readonly arrived: Int32Array;
}

/** What it does with the keys that it found or made; the error where it could not start. */
export type FirstStarted =
  | { readonly sealed: Uint8Array; readonly publicKey: string | undefined }
  | { readonly error: string };

const { dirs, copies, arrived } = workerData as FirstStart;

async function start(dir: string): Promise<FirstStarted> {
  try {
    const sealed = loadSealer(`${dir}/keys/secrets.key`).seal('a secret', 'of a test');
    const { publicJwk } = await loadSigningKey(`${dir}/keys/signing-key.jwk`);
    return { sealed, publicKey: publicJwk.x };
  } catch (error) {
    return { error: String(error) };
  }
}

for (const [round, dir] of dirs.entries()) {
  const all = (round + 1) * copies;
  Atomics.add(arrived, 0, 1);
  Atomics.notify(arrived, 0);
  for (let come = 0; come < all; come = Atomics.load(arrived, 0)) Atomics.wait(arrived, 0, come);
  parentPort?.postMessage({ dir, started: await start(dir) });
}
